import Foundation
import Operator
import Registry
import Roles
import ServiceLifecycle

/// Shows what the fleet consists of: a table, again at each change, and what to dial when calls can be made.
actor StatusBoard: Service {
    private let settings: LocalFleetSettings
    private let registry: any Registry
    private let screen: Screen
    private var nodes: [NodeRecord] = []
    /// What announces itself below a prefix of its own.
    private static let services: Set = ["auth", "applicationd", "websocketd"]

    private var applications: Set<String> = []
    private var services: Set<String> = []
    private var edge: EdgeRecord?
    private var isReady = false
    private var waiting: [AsyncStream<Void>.Continuation] = []
    private let start = ContinuousClock.now

    init(settings: LocalFleetSettings, registry: any Registry, screen: Screen) {
        self.settings = settings
        self.registry = registry
        self.screen = screen
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for await nodes in await self.registry.nodeChanges() { await self.took(nodes: nodes) } }
                group.addTask {
                    for await entries in await self.registry.changes(under: RegistryKey.edges) {
                        await self.took(
                            edge: entries.values.first.flatMap {
                                try? JSONDecoder().decode(EdgeRecord.self, from: Data($0.value))
                            }
                        )
                    }
                }
                for service in Self.services {
                    group.addTask {
                        for await entries in await self.registry.changes(under: "\(service)/") {
                            await self.took(service, isThere: !entries.isEmpty)
                        }
                    }
                }
                group.addTask {
                    for await entries in await self.registry.changes(under: RegistryKey.applications) {
                        await self.took(
                            applications: entries.keys.map { String($0.dropFirst(RegistryKey.applications.count)) }
                        )
                    }
                }
            }
        }
        for continuation in waiting { continuation.finish() }
    }

    /// Returns when calls can be made, or when the board stops.
    func waitUntilReady() async {
        guard !isReady else { return }
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        waiting.append(continuation)
        for await _ in stream {}
    }

    private func took(nodes: [NodeRecord]) {
        self.nodes = nodes
        show()
    }

    private func took(edge: EdgeRecord?) {
        self.edge = edge
        show()
    }

    private func took(_ service: String, isThere: Bool) {
        if isThere { services.insert(service) } else { services.remove(service) }
        show()
    }

    private func took(applications: [String]) {
        self.applications = Set(applications)
        show()
    }

    private func show() {
        screen.table(table.lines)
        guard !isReady, canTakeCalls else { return }
        isReady = true
        let took = ContinuousClock.now - start
        let seconds = (took / .seconds(1) * 10).rounded() / 10
        screen.line(
            "ready after \(seconds) s: register a phone at \(settings.listen ?? settings.sip.host):\(settings.sip.port) as demo/demo;"
        )
        screen.line("dial 8001 to hear which Asterisk you reached, 7001 for the conference room, 9999 for a greeting.")
        for continuation in waiting { continuation.finish() }
    }

    private func state(of service: String) -> String { services.contains(service) ? "up" : "starting" }

    private var canTakeCalls: Bool {
        let isServing = edge?.isServing == true && (edge?.activeNodes ?? 0) >= settings.nodes
        let wanted = settings.demo ? Set(DemoContent.routes.values) : []
        return isServing && nodes.count { $0.takesCalls } >= settings.nodes && applications.isSuperset(of: wanted)
            && services.isSuperset(of: Self.services)
    }

    private var table: TextTable {
        var table = TextTable("WHAT", "ADDRESS", "STATE")
        table.add(
            "edge",
            "\(settings.listen ?? settings.sip.host):\(settings.sip.port)",
            edge?.isServing == true ? "serving" : "starting"
        )
        for node in nodes {
            let state =
                node.isDraining
                ? "draining" : node.health == .passing ? "up" : node.health == .starting ? "starting" : "down"
            table.add("node \(node.name) (\(node.nickname))", node.sip.description, state)
        }
        table.add(
            "gateway",
            "http://\(settings.gateway)/ari",
            nodes.contains { $0.health == .passing } ? "up" : "waiting for a node"
        )
        table.add("auth", "http://\(settings.auth)", state(of: "auth"))
        table.add("applicationd", "http://\(settings.applicationd)", state(of: "applicationd"))
        table.add("websocketd", "wss://\(settings.websocketd)", state(of: "websocketd"))
        if settings.demo {
            for (number, name) in DemoContent.routes.sorted(by: { $0.key > $1.key }) {
                table.add("app \(name)", number, applications.contains(name) ? "up" : "starting")
            }
        }
        return table
    }
}
