import Registry

/// A destination as it should be.
struct DesiredDestination: Sendable, Hashable {
    /// The node's name; the dispatcher's `duid`.
    var name: String
    /// Calls keep their own request URI; the user part is what probes ask for, and what a draining node does not have.
    var uri: String
    /// What the dispatcher is told about it.
    var attributes: String
    /// Draining: nothing new goes there, and it is not probed.
    var isDisabled: Bool

    /// The destination of a node, or nil when no call may go there.
    ///
    /// A draining node stays, disabled: its own calls to subscribers are recognised by its address. So does one that the registry has
    /// lost touch with: whether it answers is for the dispatcher's probes to say.
    /// - Parameter maximumCalls: the bound under call-load balancing, 0 for none.
    init?(_ node: NodeRecord, maximumCalls: Int) {
        guard node.health == .passing || node.health == .suspect else { return nil }
        name = node.name
        uri = "sip:available@\(node.sip)"
        let weight = min(max(node.weight, 1), 100)
        attributes = "duid=\(node.name);rweight=\(weight)" + (maximumCalls > 0 ? ";maxload=\(maximumCalls)" : "")
        isDisabled = node.isDraining
    }

    /// Flags of `dispatcher.add` and of the list file: 4 is disabled, 0 lets probes decide.
    var flags: Int { isDisabled ? 4 : 0 }

    /// The line of the list file.
    var listLine: String { "\(KamailioRPC.nodeSet) \(uri) \(flags) 0 \(attributes)" }
}
