/// What a node's list shows to have happened while its events were missed.
package struct MissedChanges: Sendable, Hashable {
    /// Channels that were known and are gone.
    package var gone: [MirroredChannel] = []
    /// Channels that are in an application which was not told of it.
    package var entered: [MirroredChannel] = []

    package init() {}
}
