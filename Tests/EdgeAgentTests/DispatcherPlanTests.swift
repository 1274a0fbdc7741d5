import Registry
import Testing

@testable import EdgeAgent

struct DispatcherPlanTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var nodes: [NodeRecord] = []
        var actual: [DispatcherEntry] = []
        var expected: [String] = []
    }

    static let cases = [
        Case(testDescription: "nothing there, nothing wanted"),
        Case(
            testDescription: "a passing node is added, in the order of names",
            nodes: [node(2), node(1)],
            expected: ["add ast1 0", "add ast2 0"]
        ),
        Case(
            testDescription: "a node that is starting or critical gets no calls",
            nodes: [node(1, .starting), node(2, .critical)]
        ),
        Case(
            testDescription: "a node that became critical is removed",
            nodes: [node(1), node(2, .critical)],
            actual: [held(node(1)), held(node(2))],
            expected: ["remove 5072"]
        ),
        Case(
            testDescription: "a node that the registry has lost touch with stays, and is added if it is not there",
            nodes: [node(1, .suspect), node(2, .suspect)],
            actual: [held(node(1), flags: "IP")],
            expected: ["add ast2 0"]
        ),
        Case(
            testDescription: "a draining node is disabled, not removed",
            nodes: [node(1, draining: true)],
            actual: [held(node(1))],
            expected: ["disable ast1"]
        ),
        Case(
            testDescription: "a draining node that is not there yet comes disabled",
            nodes: [node(1, draining: true)],
            expected: ["add ast1 4"]
        ),
        Case(
            testDescription: "a disabled node that drains stays as it is",
            nodes: [node(1, draining: true)],
            actual: [held(node(1), flags: "DX")]
        ),
        Case(
            testDescription: "draining ends",
            nodes: [node(1)],
            actual: [held(node(1), flags: "DX")],
            expected: ["enable ast1"]
        ),
        Case(
            testDescription: "a draining node that turns critical is removed",
            nodes: [node(1, .critical, draining: true)],
            actual: [held(node(1), flags: "DX")],
            expected: ["remove 5071"]
        ),
        Case(
            testDescription: "what probes found is theirs to say",
            nodes: [node(1), node(2), node(3)],
            actual: [held(node(1), flags: "IP"), held(node(2), flags: "TP"), held(node(3), flags: "AX")]
        ),
        Case(
            testDescription: "a node nobody knows is removed",
            actual: [held(node(7))],
            expected: ["remove 5077"]
        ),
        Case(
            testDescription: "another weight replaces the entry",
            nodes: [node(1, weight: 5)],
            actual: [held(node(1))],
            expected: ["remove 5071", "add ast1 0"]
        ),
        Case(
            testDescription: "a node that moved is there before the old address goes",
            nodes: [node(1, port: 6000)],
            actual: [held(node(1))],
            expected: ["add ast1 0", "remove 5071"]
        ),
        Case(
            testDescription: "an address taken over by another node changes its name",
            nodes: [node(2, port: 5071)],
            actual: [held(node(1))],
            expected: ["remove 5071", "add ast2 0"]
        ),
        Case(
            testDescription: "a doubled entry becomes one again",
            nodes: [node(1)],
            actual: [held(node(1)), held(node(1))],
            expected: ["remove 5071", "add ast1 0"]
        ),
    ]

    @Test("desired and actual give operations", arguments: cases)
    func plans(_ sample: Case) {
        let desired = sample.nodes.compactMap { DesiredDestination($0, maximumCalls: 0) }
        let plan = DispatcherPlan(desired: desired, actual: sample.actual)
        #expect(plan.operations.map(Self.short) == sample.expected)
    }

    @Test("a plan that was carried out leaves nothing to do", arguments: cases)
    func settles(_ sample: Case) {
        let desired = sample.nodes.compactMap { DesiredDestination($0, maximumCalls: 0) }
        let plan = DispatcherPlan(desired: desired, actual: sample.actual)
        let after = plan.operations.reduce(into: sample.actual) { Self.carryOut($1, on: &$0) }
        #expect(DispatcherPlan(desired: desired, actual: after).operations.isEmpty)
    }

    @Test("a bound on calls is told to the dispatcher")
    func maximumCalls() {
        #expect(DesiredDestination(node(1), maximumCalls: 40)?.attributes == "duid=ast1;rweight=1;maxload=40")
        #expect(DesiredDestination(node(1, weight: 1000), maximumCalls: 0)?.attributes == "duid=ast1;rweight=100")
    }

    @Test("the set's number is sent as a number")
    func commands() {
        #expect(
            DispatcherPlan.Operation.setDisabled(true, name: "ast1").command.params == ["d", 1, "ast1"]
        )
        #expect(
            DispatcherPlan.Operation.setDisabled(false, name: "ast1").command.params == ["ap", 1, "ast1"]
        )
    }

    private static func short(_ operation: DispatcherPlan.Operation) -> String {
        switch operation {
        case .remove(let uri): "remove \(uri.suffix(4))"
        case .add(let destination): "add \(destination.name) \(destination.flags)"
        case .setDisabled(let disabled, let name): "\(disabled ? "disable" : "enable") \(name)"
        }
    }

    /// The dispatcher, as far as the plan uses it.
    private static func carryOut(_ operation: DispatcherPlan.Operation, on entries: inout [DispatcherEntry]) {
        switch operation {
        case .remove(let uri): entries.removeAll { $0.uri == uri }
        case .add(let added):
            entries.append(
                DispatcherEntry(
                    uri: added.uri,
                    attributes: added.attributes,
                    flags: added.isDisabled ? "DX" : "AP"
                )
            )
        case .setDisabled(let disabled, let name):
            for index in entries.indices where entries[index].attributes.hasPrefix("duid=\(name);") {
                entries[index].flags = disabled ? "DX" : "AP"
            }
        }
    }
}
