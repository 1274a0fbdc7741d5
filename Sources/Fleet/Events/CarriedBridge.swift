import ARI

/// A bridge that a user event tells about and the node that says it has no part of: it travels among the event's variables, and the
/// node's agent puts it where it belongs.
package enum CarriedBridge {
    /// The variable.
    package static let variable = "asterism_bridge"

    /// An event as it is to be told.
    /// - Returns: nil when it carries none.
    package static func unpacked(_ event: JSONValue) -> JSONValue? {
        guard var variables = event["userevent"]?.object, let bridge = variables.removeValue(forKey: variable) else {
            return nil
        }
        var told = event
        told["userevent"] = .object(variables)
        told["bridge"] = bridge
        return told
    }
}
