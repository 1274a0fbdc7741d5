/// Which of a node's events go on the bus for everybody. What the fleet itself needs goes there in any case, under a topic of its
/// own. The names are those of `stasis_amqp.conf`.
package struct PublishingSettings: Sendable, Hashable {
    /// Whether the events of the manager interface are published.
    package var publishAMIEvents: Bool
    /// Whether what happens to channels is published although no application asked for it.
    package var publishChannelEvents: Bool
    /// Types of events, in exact case, that are not published, wherever they come from.
    package var excludeEvents: Set<String>
    /// The variables whose `ChannelVarset` is published; none stands for all.
    package var includeChannelvarsetEvents: Set<String>

    package init(
        publishAMIEvents: Bool = false,
        publishChannelEvents: Bool = true,
        excludeEvents: Set<String> = [],
        includeChannelvarsetEvents: Set<String> = []
    ) {
        self.publishAMIEvents = publishAMIEvents
        self.publishChannelEvents = publishChannelEvents
        self.excludeEvents = excludeEvents
        self.includeChannelvarsetEvents = includeChannelvarsetEvents
    }
}
