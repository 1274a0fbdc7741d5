import ARI
import Fleet
import Foundation
import Logging
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Registry

/// What applications hear beside their own channels: subscriptions to sources wherever they are.
struct Subscriptions: Sendable {
    /// What `subscribeAll` stands for, each with the name by which Asterisk ends it.
    private static let all = [
        "channel:": "channel:__AST_CHANNEL_ALL_TOPIC", "bridge:": "bridge:__AST_BRIDGE_ALL_TOPIC",
        "endpoint:": "endpoint:__AST_ENDPOINT_ALL_TOPIC", "deviceState:": "deviceState:__AST_DEVICE_STATE_ALL_TOPIC",
    ]

    let directory: FleetDirectory
    let bridges: BridgeSubscribers
    let lasting: LastingRequests
    let registry: any Registry
    let logger: Logger

    /// Subscribes an application on every node that has a source, or ends that.
    /// - Parameter view: the application as the fleet shows it.
    func change(
        _ application: String,
        _ sources: [String],
        isWanted: Bool,
        _ request: GatewayRequest,
        view: @Sendable () async -> GatewayAnswer
    ) async -> GatewayAnswer {
        guard !sources.isEmpty else { return .error(.badRequest, "Missing parameter eventSource") }
        for source in sources {
            let answer = await change(application, source, isWanted: isWanted, request.id)
            guard answer.status.code < 300 else { return answer }
        }
        return await view()
    }

    /// Subscribes an application to everything, as `subscribeAll` asks.
    func subscribeToAll(_ application: String) async {
        for source in Self.all.keys.sorted() {
            let answer = await change(application, source, isWanted: true, "")
            guard answer.status.code >= 300 else { continue }
            logger.warning(
                "not subscribed",
                metadata: ["application": "\(application)", "source": "\(source)", "status": "\(answer.status.code)"]
            )
        }
    }

    /// An application is gone: what it was subscribed to would keep it listed on the nodes for ever.
    func end(_ application: String) async {
        let prefix = RegistryKey.lastingRequest("subscription/\(application)/")
        guard let entries = try? await registry.entries(under: prefix) else { return }
        for key in entries.keys.sorted() {
            let source = String(key.dropFirst(prefix.count))
            _ = await change(application, Self.all[source] ?? source, isWanted: false, "")
            // Also where no node knows it any more.
            try? await registry.remove(key)
        }
    }

    private func change(_ application: String, _ source: String, isWanted: Bool, _ id: String) async -> GatewayAnswer {
        let target =
            "\(RequestDispatcher.prefix)/applications/\(application)/subscription?eventSource="
            + (source.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? source)
        let head = HTTPRequestHead(version: .http1_1, method: isWanted ? .POST : .DELETE, uri: target)
        let request = GatewayRequest(head: head, body: ByteBuffer(), id: id)
        // Asterisk takes these names for everything only where a subscription begins.
        if !isWanted, source != "deviceState:", Self.all[source] != nil {
            return .error(.notImplemented, "Method not implemented")
        }
        let remembered = Self.all.first { $0.value == source }?.key ?? source
        let name = "subscription/\(application)/\(remembered)"
        let isLasting = !source.hasPrefix("channel:") || Self.all[remembered] != nil
        let wish = EverywhereRequest(
            memory: !isLasting ? .none : isWanted ? .remember(name) : .forget(name),
            suffices: true
        )
        let answer = await FleetwideDesk(directory: directory, lasting: lasting, logger: logger)
            .everywhere(wish, request, target: target)
        guard let bridge = Self.bridge(in: source) else { return answer }
        if answer.status == .unprocessableEntity, isKnown(bridge, to: application, isWanted: isWanted) {
            // A fleet bridge that no node has a part of yet.
            await lasting.note(wish.memory, request, target: target)
        } else if answer.status.code >= 300 {
            return answer
        }
        bridges.note(application, of: bridge, isWanted: isWanted)
        return .noContent
    }

    private func isKnown(_ bridge: String, to application: String, isWanted: Bool) -> Bool {
        isWanted
            ? directory.read { $0.fleetBridge(bridge) != nil } : bridges.applications(of: bridge).contains(application)
    }

    /// The id in `bridge:ID`.
    private static func bridge(in source: String) -> String? {
        let prefix = "bridge:"
        guard source.hasPrefix(prefix), source != prefix, all[source] == nil, !all.values.contains(source) else {
            return nil
        }
        return String(source.dropFirst(prefix.count))
    }
}
