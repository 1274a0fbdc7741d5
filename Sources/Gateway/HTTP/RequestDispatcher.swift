import ARI
import Fleet
import Foundation
import NIOCore
import NIOHTTP1
import Registry

/// Decides what becomes of a request, on the event loop that read it and without waiting.
struct RequestDispatcher: Sendable {
    /// What becomes of a request.
    enum Decision: Sendable {
        case answer(GatewayAnswer)
        /// Passed on as it is. `onStatus` is told the node's answer; `isQuick` says that Asterisk answers at once and may be asked twice.
        case forward(to: NodeRecord, target: String, isQuick: Bool = false, onStatus: (@Sendable (Int) -> Void)? = nil)
        /// Decided anew when the auth service has been asked about this token.
        case ask(token: String)
        /// Answered by work that waits for others.
        case compute(@Sendable () async -> GatewayAnswer)
    }

    static let prefix = "/ari"

    /// The methods of ARI. Others go no further: the body of a `TRACE` would reach a node without its length, and be read there as the
    /// next request; what follows the answer to a `HEAD`, as the next answer.
    private static let methods: [HTTPMethod] = [.GET, .POST, .PUT, .DELETE, .OPTIONS]

    let directory: FleetDirectory
    let bridges: BridgeDesk
    let applications: Applications
    let fleetwide: FleetwideDesk
    let subscriptions: Subscriptions
    let filters: EventFilters
    let admin: AdminAPI
    let pages: GatewayPages
    let affinity: WorkerAffinity
    let door: Doorkeeper

    func decide(_ request: GatewayRequest) -> Decision {
        let target = request.head.uri
        if target.hasPrefix(Self.prefix + "/") { return decideARI(request) }
        let isMetrics = target.prefix { $0 != "?" } == "/metrics"
        if isMetrics, !request.isFromThisHost, let refusal = refusal(of: request, by: .fleet) { return refusal }
        if let page = pages.decide(request, otherwise: admin.status) { return page }
        if target == "/fleet" || target.hasPrefix("/fleet/") {
            if let refusal = refusal(of: request, by: .fleet) { return refusal }
            return .compute { [admin] in await admin.answer(request) }
        }
        return .answer(.error(.notFound, "Resource not found; ARI is below /ari, the fleet's own API below /fleet"))
    }

    /// Has a request answered, whoever has to be asked.
    func answer(_ request: GatewayRequest) async -> GatewayAnswer {
        var decision = decide(request)
        if case .ask(let token) = decision {
            if let problem = await door.ask(about: token) { return problem }
            decision = decide(request)
        }
        switch decision {
        case .answer(let answer): return answer
        case .compute(let compute): return await compute()
        case .ask: return .tokenExpired
        case .forward(let node, let target, _, let onStatus):
            let answer = await node.pass(request, target: target, timeout: .seconds(30))
            onStatus?(Int(answer.status.code))
            return answer
        }
    }

    /// What becomes of a request that the door does not open to; nil when it does.
    private func refusal(
        of request: GatewayRequest,
        by surface: Doorkeeper.Surface,
        apiKey: String? = nil
    ) -> Decision? {
        switch door.admit(request.head, from: request.peer, to: surface, apiKey: apiKey) {
        case .admitted: nil
        case .refused(let answer): .answer(answer)
        case .unsure(let token): .ask(token: token)
        }
    }

    private func decideARI(_ request: GatewayRequest) -> Decision {
        let head = request.head
        guard
            var ari = ARIRequest(
                method: head.method.rawValue,
                target: head.uri,
                prefix: Self.prefix,
                node: head.headers.first(name: "X-Asterisk-ID")
            )
        else { return .answer(.error(.notFound, "Resource not found")) }
        if let refusal = refusal(of: request, by: .ari, apiKey: ari.query["api_key"]) { return refusal }
        guard Self.methods.contains(head.method) else { return .answer(.error(.methodNotAllowed, "Invalid method")) }
        // ARI takes parameters from the query, a form, or the top level of a JSON body.
        guard let parameters = BodyParameters.read(request) else { return .answer(.badBody) }
        ari.query.merge(parameters) { query, _ in query }
        if ari.method == "OPTIONS" {
            guard let node = directory.read({ $0.anyAlive() }) else { return .answer(Self.noNode) }
            return .forward(to: node, target: Self.withoutKey(head.uri))
        }
        if let fault = FatalRequest.fault(in: ari) { return .answer(.error(.badRequest, fault)) }
        let target = ari.query["api_key"] == nil ? head.uri : Self.withoutKey(head.uri)
        if let leader = affinity.leader(of: ari, head) {
            let passed = PassedRequest(request, to: leader, from: affinity.conductorship.own.name)
            return .compute { await passed.send() ?? Self.noLeader(leader.name) }
        }
        if let settled = affinity.settle(ari, target: target, by: request.socket) {
            let decision = decide(RequestRoute(settled.request), settled.request, request, target: settled.target)
            return affinity.watch(decision, of: settled)
        }
        return decide(RequestRoute(ari), ari, request, target: target)
    }

    private func decide(
        _ route: RequestRoute,
        _ ari: ARIRequest,
        _ request: GatewayRequest,
        target: String
    ) -> Decision {
        switch route {
        case .events:
            // The upgrade was not taken before this handler: it was asked for wrongly.
            return .answer(Self.wrongEvents(ari, isUpgrade: request.head.headers.contains(name: "Upgrade")))
        case .node(let key):
            guard let node = directory.read({ $0.node(named: key) }) else {
                return .answer(.error(.notFound, "No node has the id or name \(key)"))
            }
            return .forward(to: node, target: target)
        case .channel(let id):
            switch directory.read({ $0.place(ofChannel: id) }) {
            case .hidden: return .answer(.error(.notFound, "Channel not found"))
            case .node(let node): return .forward(to: node, target: target, isQuick: ari.isQuick)
            case .unknown: return forward(request, target, owner: nil) { .init(channel: id) }
            }
        case .treat(let id, let notes):
            guard let node = directory.read({ $0.movable(id) }) else {
                return decide(.channel(id), ari, request, target: target)
            }
            return .compute { await node.treat(id, notes, request, target: target) }
        case .playback(let id):
            return forward(request, target, owner: directory.read { $0.owner(ofPlayback: id) }) { .init(playback: id) }
        case .recording(let name):
            return forward(request, target, owner: directory.read { $0.owner(ofRecording: name) }) {
                .init(recording: name)
            }
        case .playOnChannel(let channel, let playback):
            let owner = directory.change { state in
                let owner = state.owner(ofChannel: channel)
                if let owner { state.note(playback: playback, on: owner) }
                return owner
            }
            return forward(request, target, owner: owner) { .init(channel: channel) }
        case .originate(let id, let anchor): return originate(id: id, anchor: anchor, target: target)
        case .merged(let list): return .compute { [lists] in await lists.answer(list) }
        case .bridge(let operation):
            return .compute { [bridges, fleetwide] in
                if case .atHome(_, _, let unique) = operation,
                    let refusal = await fleetwide.refusal(ofRecording: unique)
                {
                    return refusal
                }
                return await bridges.answer(operation, ari, request, target: target)
            }
        case .busApplication(let name, let isWanted):
            guard Names.isApplication(name), name != NodeMirror.observer else {
                return .answer(.error(.badRequest, "'\(name)' is not an application name"))
            }
            return .compute { [applications] in await BusApplications.answer(applications, name, isWanted: isWanted) }
        case .apiDocument(let name):
            return .compute { [directory] in await APIDocuments(directory: directory).answer(name, request, target) }
        case .dial(let id, let caller):
            let isOfNode = directory.read { $0.place(ofChannel: id) == .hidden || $0.areTogether(id, caller) }
            if isOfNode { return decide(.channel(id), ari, request, target: target) }
            return .compute { [fleetwide] in await fleetwide.dial(id, for: caller, request, target: target) }
        case .union, .everywhere, .storedRecording, .recordOnChannel, .copyRecording, .userEvent, .info:
            return .compute { [self] in await answerFleetwide(route, request, target) }
        case .subscription(let application, let sources, let isWanted):
            return .compute { [subscriptions, lists] in
                await subscriptions.change(application, sources, isWanted: isWanted, request) {
                    await lists.application(application)
                }
            }
        case .eventFilter(let application):
            return .compute { [filters, lists] in
                let known = await lists.application(application)
                guard known.status == .ok else { return known }
                if let refusal = await filters.change(application, by: request.body) { return refusal }
                return await lists.application(application)
            }
        case .any:
            guard let node = directory.read({ $0.anyAlive() }) else { return .answer(Self.noNode) }
            return .forward(to: node, target: target, isQuick: ari.isQuick)
        }
    }

    private var lists: MergedLists { MergedLists(directory: directory, filters: filters) }

    private func answerFleetwide(_ route: RequestRoute, _ request: GatewayRequest, _ target: String) async
        -> GatewayAnswer
    {
        switch route {
        case .union(let resource): await fleetwide.union(resource, request, target: target)
        case .everywhere(let wish): await fleetwide.everywhere(wish, request, target: target)
        case .storedRecording(let name): await fleetwide.storedRecording(name, request, target: target)
        case .recordOnChannel(let channel, let unique):
            await fleetwide.record(onChannel: channel, unique: unique, request, target: target)
        case .copyRecording(let name, let copy): await fleetwide.copyRecording(name, to: copy, request, target: target)
        case .userEvent(let sources): await fleetwide.userEvent(about: sources, request, target: target)
        default: await fleetwide.info(request, target: target)
        }
    }

    private static func wrongEvents(_ ari: ARIRequest, isUpgrade: Bool) -> GatewayAnswer {
        // Asterisk looks at this first.
        guard isUpgrade else { return .error(.upgradeRequired, "Upgrade to WebSocket required") }
        do {
            _ = try SocketWish(ari)
        } catch {
            return .error(.badRequest, error.message)
        }
        return .error(.upgradeRequired, "Upgrade to WebSocket required")
    }

    static let noNode = GatewayAnswer.error(
        .serviceUnavailable,
        "No node of the fleet answers; `asterism nodes` shows why"
    )

    private static func noLeader(_ name: String) -> GatewayAnswer {
        .error(.serviceUnavailable, "Gateway \(name), which leads the group of workers, does not answer; try again")
    }

    private func originate(id: String?, anchor: String?, target: String) -> Decision {
        let node = directory.read { state in
            anchor.flatMap { state.owner(ofChannel: $0) }.flatMap { state.nodes[$0] } ?? state.place()
        }
        guard let node else { return .answer(Self.noNode) }
        guard let id else { return .forward(to: node, target: target) }
        guard directory.change({ $0.reserve(channel: id, on: node.name) }) else {
            return .answer(.error(.conflict, "Channel with given unique ID already exists"))
        }
        return .forward(to: node, target: target) { [directory] status in
            if status >= 300 { directory.change { $0.release(id) } }
        }
    }

    /// To the owner if it is known, else to whichever node says that it has the thing.
    private func forward(
        _ request: GatewayRequest,
        _ target: String,
        owner: String?,
        probe: () -> NodeProbe
    ) -> Decision {
        if let owner, let node = directory.read({ $0.nodes[owner] }) { return .forward(to: node, target: target) }
        let probe = probe()
        return .compute { [directory] in
            guard let node = await probe.find(directory) ?? directory.read({ $0.anyAlive() }) else {
                return Self.noNode
            }
            return await node.pass(request, target: target, timeout: .seconds(30))
        }
    }

    /// The client's secret has no business in a node's log.
    private static func withoutKey(_ target: String) -> String {
        guard target.contains("api_key="), let mark = target.firstIndex(of: "?") else { return target }
        let pairs = target[target.index(after: mark)...].split(separator: "&").filter { !$0.hasPrefix("api_key=") }
        return target[..<mark] + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }
}
