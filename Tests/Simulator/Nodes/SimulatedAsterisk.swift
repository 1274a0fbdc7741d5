import NIOCore
import Synchronization

/// One Asterisk of a simulated fleet: its channels and applications, told over two links and answered for over ARI.
///
/// Whatever happens in it happens on the event loop of the fleet.
final class SimulatedAsterisk: Sendable {
    /// The agent's application, which hears of everything.
    static let observer = "asterism"

    struct State {
        /// In order of their numbers, which begin with 1; nil for those that have hung up.
        var channels: [SimulatedChannel?] = []
        /// What client applications there are, apart from the agent's.
        var applications: [String] = []
        var bridges: [String: SimulatedBridge] = [:]
        fileprivate var observerLink: SimulatedLink?
        fileprivate var applicationsLink: SimulatedLink?
    }

    let node: SimulatedNode
    private let state = Mutex(State())

    init(_ node: SimulatedNode) { self.node = node }

    /// Keeps both links up until the task is cancelled.
    func keepLinks(group: any EventLoopGroup) async {
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { await self.keepLink("observer", group) { $0.observerLink = $1 } }
            tasks.addTask { await self.keepLink("applications", group) { $0.applicationsLink = $1 } }
        }
    }

    private func keepLink(
        _ path: String,
        _ group: any EventLoopGroup,
        note: @Sendable @escaping (inout State, SimulatedLink?) -> Void
    ) async {
        while !Task.isCancelled {
            if let link = try? await SimulatedLink.dial(node, path: path, group: group) {
                state.withLock { note(&$0, link) }
                await withTaskCancellationHandler {
                    await link.closed()
                } onCancel: {
                    link.close()
                }
                state.withLock { note(&$0, nil) }
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Whether both links are up.
    var isLinked: Bool { state.withLock { $0.observerLink != nil && $0.applicationsLink != nil } }

    /// Whether the agent takes events as fast as they come.
    var isHeard: Bool {
        state.withLock { $0.observerLink?.isWritable ?? false && $0.applicationsLink?.isWritable ?? false }
    }

    /// How many calls there are.
    var calls: Int { state.withLock { $0.channels.count { $0 != nil } } }

    /// Sends what was said.
    func flush() {
        let links = state.withLock { [$0.observerLink, $0.applicationsLink] }
        for link in links { link?.flush() }
    }

    /// Looks at or changes what it holds; what `body` says is said in its order, and sent by ``flush()``.
    func with<Value: Sendable>(_ body: (inout State) -> sending Value) -> Value { state.withLock { body(&$0) } }
}

extension SimulatedAsterisk.State {
    /// Tells the agent, and the application if there is one.
    func say(_ event: SimulatedEvent, to application: String?) {
        observerLink?.write(event.addressed(to: SimulatedAsterisk.observer))
        if let application { applicationsLink?.write(event.addressed(to: application)) }
    }

    /// Tells the application alone, as Asterisk does of entry to and exit from it.
    func say(_ event: SimulatedEvent, onlyTo application: String) {
        applicationsLink?.write(event.addressed(to: application))
    }

    /// The channel of an id, with its place among the others.
    func channel(_ id: String, on node: SimulatedNode) -> SimulatedChannel? {
        guard let number = SimulatedChannel.number(of: id, on: node), channels.indices.contains(number - 1) else {
            return nil
        }
        return channels[number - 1]
    }
}
