/// How to get from the destinations that the dispatcher holds to those that it should hold.
///
/// Whether a node answers is for the dispatcher's probes to say (active, trying, inactive); the plan leaves that alone and
/// decides only who is there and who is disabled. Carrying out a plan and planning again gives an empty one.
struct DispatcherPlan: Sendable, Hashable {
    enum Operation: Sendable, Hashable {
        case remove(uri: String)
        case add(DesiredDestination)
        case setDisabled(Bool, name: String)
    }

    let operations: [Operation]

    init(desired: [DesiredDestination], actual: [DispatcherEntry]) {
        var held = Dictionary(grouping: actual, by: \.uri)
        var removals: [Operation] = []
        var additions: [Operation] = []
        var changes: [Operation] = []
        for destination in desired.sorted(by: { $0.name < $1.name }) {
            let entries = held.removeValue(forKey: destination.uri) ?? []
            switch (entries.first, entries.count) {
            case (let entry?, 1) where entry.attributes == destination.attributes:
                if entry.isDisabled != destination.isDisabled {
                    changes.append(.setDisabled(destination.isDisabled, name: destination.name))
                }
            case (nil, _):
                additions.append(.add(destination))
            default:
                // Another weight, another node on the same port, or twice the same: `remove` takes all of that URI.
                removals.append(.remove(uri: destination.uri))
                additions.append(.add(destination))
            }
        }
        removals += held.keys.sorted().map { .remove(uri: $0) }
        // Additions come before the removal of others, so that a fleet whose nodes all changed is never empty in between.
        let replaced = Set(desired.map(\.uri))
        let (first, last) = removals.partitioned {
            if case .remove(let uri) = $0 { replaced.contains(uri) } else { false }
        }
        operations = first + additions + changes + last
    }
}

extension DispatcherPlan.Operation {
    var command: KamailioCommand {
        switch self {
        case .remove(let uri):
            KamailioCommand("dispatcher.remove", [.number(KamailioRPC.nodeSet), .text(uri)])
        case .add(let destination):
            KamailioCommand(
                "dispatcher.add",
                [
                    .number(KamailioRPC.nodeSet), .text(destination.uri), .number(destination.flags), 0,
                    .text(destination.attributes),
                ]
            )
        case .setDisabled(let disabled, let name):
            KamailioCommand(
                "dispatcher.set_duid_state",
                [disabled ? "d" : "ap", .number(KamailioRPC.nodeSet), .text(name)]
            )
        }
    }
}

extension Array {
    fileprivate func partitioned(by belongs: (Element) -> Bool) -> (matching: [Element], others: [Element]) {
        (filter(belongs), filter { !belongs($0) })
    }
}
