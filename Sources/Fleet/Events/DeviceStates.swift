/// The states that nodes tell of devices, of which the fleet shows the busiest: an application hears of a change once, and only if the
/// fleet's state changes.
package struct DeviceStates: Sendable, Hashable {
    /// From busy to idle, in ARI's words.
    private static let order = [
        "INUSE", "RINGINUSE", "RINGING", "BUSY", "ONHOLD", "NOT_INUSE", "UNAVAILABLE", "INVALID", "UNKNOWN",
    ]

    private var byNode: [String: [String: String]] = [:]
    /// Device -> the node whose word was passed on last: when it says the same again, so did its Asterisk.
    private var tellers: [String: String] = [:]

    package init() {}

    /// Takes in what a node says of a device.
    /// - Returns: the fleet's state, if it is to be told: it is another than before, or told again by who told it.
    package mutating func note(_ device: String, _ state: String, on node: String) -> String? {
        let before = Self.busiest(of: byNode[device, default: [:]].values)
        byNode[device, default: [:]][node] = state
        let now = Self.busiest(of: byNode[device, default: [:]].values)
        // What no node knows any more is forgotten: devices come and go.
        if now == "UNKNOWN" { byNode[device] = nil }
        guard now != before || now == state && tellers[device] == node else { return nil }
        tellers[device] = byNode[device] == nil ? nil : node
        return now
    }

    /// A node is gone, and what it knew with it.
    package mutating func forget(node: String) { byNode = byNode.mapValues { $0.filter { $0.key != node } } }

    /// - Returns: nil when there are none.
    package static func busiest(of states: some Sequence<String>) -> String? { states.min { rank($0) < rank($1) } }

    private static func rank(_ state: String) -> Int { order.firstIndex(of: state) ?? order.count }
}
