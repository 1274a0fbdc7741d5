import ARI
import Fleet
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Registry

/// Carries out what clients ask of fleet bridges, and keeps each bridge's star as ``LegPlan`` wants it. One thing at a time per
/// bridge, in order of arrival; different bridges do not wait for each other.
actor BridgeConductor {
    let directory: FleetDirectory
    let registry: any Registry
    let logger: Logger
    let legs: LegDialer
    let subscribers: BridgeSubscribers
    let conductorship: Conductorship
    /// The end of each bridge's queue.
    private var tails: [String: (id: Int, task: Task<Void, Never>)] = [:]
    private var nextTail = 0
    /// Bridges whose star is going to be looked at: asking again before it happens adds nothing.
    private var due: Set<String> = []
    /// Bridges that are going to be surveyed.
    var resuming: Set<String> = []

    init(
        directory: FleetDirectory,
        registry: any Registry,
        subscribers: BridgeSubscribers,
        conductorship: Conductorship,
        settings: GatewaySettings,
        logger: Logger
    ) {
        self.subscribers = subscribers
        self.conductorship = conductorship
        self.directory = directory
        self.registry = registry
        self.logger = logger
        legs = LegDialer(directory: directory, patience: settings.legPatience, logger: logger)
    }

    /// Puts a channel into a bridge for the gateway itself.
    func add(_ channel: String, _ options: [String: String], to bridge: String) async -> GatewayAnswer {
        let path = ["bridges", bridge, "addChannel"]
        guard isFleetBridge(bridge) else { return .error(.notFound, "Bridge not found") }
        return await inOrder(bridge) {
            let query = options.merging(["channel": channel]) { $1 }
            return await self.addChannels(to: bridge, ARIRequest(method: "POST", path: path, query: query))
        }
    }

    /// Does what a client asked.
    func perform(
        _ operation: RequestRoute.BridgeOperation,
        _ ari: ARIRequest,
        _ request: GatewayRequest,
        target: String
    ) async -> GatewayAnswer {
        switch operation {
        case .create(let id):
            let chosen = request.head.headers.first(name: BridgeDesk.bridgeHeader)
            let isNamed = ari.path.count > 1 || id == nil && chosen != nil
            let id = id ?? chosen ?? UUID().uuidString.lowercased()
            return await inOrder(id) { await self.create(id, ari, isNamedByPath: isNamed) }
        case .show(let id):
            if let view = directory.read({ state in state.fleetBridge(id).map { state.view(of: $0) } }) {
                return .json(view)
            }
            return await passToLocal(id, request, target)
        case .destroy(let id):
            // One that is being made is waited for: who gave up waiting for that must not find it later.
            guard isFleetBridge(id) || tails[id] != nil else { return await passToLocal(id, request, target) }
            return await inOrder(id) {
                guard await self.isFleetBridge(id) else { return await self.passToLocal(id, request, target) }
                return await self.destroy(id)
            }
        case .addChannel(let id):
            guard isFleetBridge(id) else { return await passToLocal(id, request, target) }
            return await inOrder(id) { await self.addChannels(to: id, ari) }
        case .removeChannel(let id):
            guard isFleetBridge(id) else { return await passToLocal(id, request, target) }
            return await inOrder(id) { await self.removeChannels(from: id, ari) }
        case .atHome(let id, let playback, _):
            guard isFleetBridge(id) else { return await passToLocal(id, request, target) }
            return await inOrder(id) { await self.useBridge(id, playback: playback, ari, request, target) }
        case .videoSource(let id, let channel):
            guard isFleetBridge(id) else { return await passToLocal(id, request, target) }
            return await inOrder(id) { await self.setVideoSource(of: id, to: channel, ari, request, target) }
        }
    }

    /// An end of a leg has entered Stasis.
    func legEntered(_ leg: LegID, channel: String, isFar: Bool) async {
        await legs.entered(leg, channel: channel, isFar: isFar)
    }

    /// An end of a leg has left its bridge.
    func legLeft(_ leg: LegID, _ bridge: String?) async { await legs.left(leg, bridge) }

    /// Looks at a bridge's star when its queue allows, without making the caller wait.
    func reconcileSoon(_ id: String) {
        guard directory.read({ $0.isConducting }), due.insert(id).inserted else { return }
        enqueue(id) { await self.reconcileDue(id) }
    }

    /// Looks at every bridge's star.
    func reconcileAll() { for id in directory.read({ Array($0.bridges.keys) }) { reconcileSoon(id) } }

    private func reconcileDue(_ id: String) async {
        due.remove(id)
        await reconcile(id)
    }

    func isFleetBridge(_ id: String) -> Bool { directory.read { $0.fleetBridge(id) != nil } }

    /// A bridge that the dialplan made lives on one node.
    private func passToLocal(_ id: String, _ request: GatewayRequest, _ target: String) async -> GatewayAnswer {
        let node = directory.read { state in state.owner(ofLocalBridge: id).flatMap { state.nodes[$0] } }
        guard let node else {
            let isAboutVariables = target.prefix { $0 != "?" }.hasSuffix("/variables")
            return .error(.notFound, isAboutVariables ? "Provided bridge was not found" : "Bridge not found")
        }
        return await node.pass(request, target: target)
    }

    private func inOrder(_ id: String, _ work: @escaping @Sendable () async -> GatewayAnswer) async -> GatewayAnswer {
        let previous = tails[id]?.task
        // Not a child of the caller: a client that hangs up must not leave a bridge half made.
        let task = Task {
            await previous?.value
            return await work()
        }
        setTail(of: id, to: Task { _ = await task.value })
        return await task.value
    }

    /// Whether something is being done for some bridge.
    var isBusy: Bool { !tails.isEmpty }

    func enqueue(_ id: String, _ work: @escaping @Sendable () async -> Void) {
        let previous = tails[id]?.task
        setTail(
            of: id,
            to: Task {
                await previous?.value
                await work()
            }
        )
    }

    private func setTail(of id: String, to task: Task<Void, Never>) {
        nextTail += 1
        let number = nextTail
        tails[id] = (number, task)
        Task {
            await task.value
            if tails[id]?.id == number { tails[id] = nil }
        }
    }
}
