import Engines
import Foundation
import Logging
import Registry
import Testing

@testable import EdgeAgent

/// Against the real Kamailio, where it is installed.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct KamailioTests {
    private let settings: EdgeSettings
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "asterism-edge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var settings = EdgeSettings(fleetSecret: "0123456789abcdef", directory: folder)
        settings.sipPort = 15260
        settings.rpcPort = 15265
        settings.reconcileInterval = .seconds(30)
        self.settings = settings
    }

    private static var templates: ConfigTemplates {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return ConfigTemplates(directory: root.appending(path: "config"))
    }

    @Test(
        "every way to balance, with and without a LAN address, gives a script that Kamailio accepts",
        arguments: Balancing.allCases
    )
    func scripts(balancing: Balancing) async throws {
        let kamailio = try #require(Command.find("kamailio"))
        for address in [nil, "127.0.0.2"] as [String?] {
            for flood in [0, 200] {
                var settings = settings
                settings.balancing = balancing
                settings.listenAddress = address
                settings.floodLimit = flood
                let seed = folder.appending(path: "dispatcher.list").path
                try "".write(toFile: seed, atomically: true, encoding: .utf8)
                let script = try KamailioScript(
                    templates: Self.templates,
                    settings: settings,
                    rpcSecret: "a",
                    topologyKey: "b",
                    dispatcherList: seed
                )
                try await script.check(kamailio: kamailio)
            }
        }
        try FileManager.default.removeItem(at: folder)
    }

    @Test("a script that Kamailio rejects is an error that says where")
    func rejectedScript() async throws {
        let kamailio = try #require(Command.find("kamailio"))
        let broken = folder.appending(path: "config/kamailio")
        try FileManager.default.createDirectory(at: broken, withIntermediateDirectories: true)
        try "#!KAMAILIO\nloadmodule \"nosuch.so\"\n".write(
            to: broken.appending(path: "kamailio.cfg.mustache"),
            atomically: true,
            encoding: .utf8
        )
        let script = try KamailioScript(
            templates: ConfigTemplates(directory: folder.appending(path: "config")),
            settings: settings,
            rpcSecret: "a",
            topologyKey: "b",
            dispatcherList: "c"
        )
        await #expect {
            try await script.check(kamailio: kamailio)
        } throws: { error in
            "\(error)".contains("module <nosuch>")
        }
        try FileManager.default.removeItem(at: folder)
    }

    @Test("Kamailio follows the registry, and is filled again after a crash")
    func follows() async throws {
        let registry = try EmbeddedRegistry()
        try await registry.register(node(1, port: 15271))
        try await registry.register(node(2, .starting, port: 15272))
        try await registry.set(Array("tts".utf8), for: RegistryKey.route("8001"))
        for (name, realm) in [("demo", "asterism"), ("stranger", "elsewhere")] {
            let record = SubscriberRecord(ha1: SIPDigest.ha1(user: name, realm: realm, password: name), realm: realm)
            try await registry.set(Array(JSONEncoder().encode(record)), for: RegistryKey.subscriber(name))
        }
        let agent = EdgeAgent(
            settings: settings,
            templates: Self.templates,
            registry: registry,
            ledger: ProcessLedger(directory: folder.appending(path: "ledger")),
            logger: Logger(label: "test")
        )
        let running = Task { try await agent.run() }
        defer { running.cancel() }

        await serving(agent)
        let rpc = agent.rpc
        #expect(try await rpc.table("routes") == ["8001": "tts"])
        #expect(try await rpc.table("subscribers") == ["demo": "c32eb447e2249664cf520b99a5cc26ee"])
        #expect(try await rpc.destinations().map(\.uri) == ["sip:available@127.0.0.1:15271"])
        #expect(try await rpc.table("nodes") == ["ast1": "sip:127.0.0.1:15271"])
        #expect(try await agent.registrations().isEmpty)

        try await registry.set(Array("conference".utf8), for: RegistryKey.route("7001"))
        try await registry.remove(RegistryKey.route("8001"))
        try await registry.register(node(2, port: 15272))
        try await registry.setDraining(true, node: "ast1")
        try await until { try await rpc.table("routes") == ["7001": "conference"] }
        try await until { try await disabled(rpc) == ["15271": true, "15272": false] }
        try await until { try await rpc.table("nodes") == ["ast2": "sip:127.0.0.1:15272"] }

        let pid = try #require(await agent.status.pid)
        kill(pid, SIGKILL)
        try await until { await agent.status.pid != pid }
        await serving(agent)
        #expect(try await rpc.table("routes") == ["7001": "conference"])
        #expect(try await disabled(rpc) == ["15271": true, "15272": false])

        try await registry.setDraining(false, node: "ast1")
        await registry.deregister(node: "ast2")
        try await until { try await disabled(rpc) == ["15271": false] }

        let last = try #require(await agent.status.pid)
        running.cancel()
        _ = await running.result
        #expect(kill(last, 0) == -1)
        #expect(await agent.status.phase == .stopped)
        try FileManager.default.removeItem(at: folder)
    }

    @Test("it listens on every address and names another one, or refuses to")
    func wildcard() async throws {
        let kamailio = try #require(Command.find("kamailio"))
        var settings = settings
        settings.sipAddress = "0.0.0.0"
        let nameless = EdgeAgent(
            settings: settings,
            templates: Self.templates,
            registry: try EmbeddedRegistry(),
            ledger: ProcessLedger(directory: folder.appending(path: "ledger")),
            logger: Logger(label: "test")
        )
        await #expect(throws: EdgeError.self) { try await nameless.run() }
        settings.advertisedAddress = "127.0.0.3"
        let seed = folder.appending(path: "dispatcher.list").path
        try "".write(toFile: seed, atomically: true, encoding: .utf8)
        let script = try KamailioScript(
            templates: Self.templates,
            settings: settings,
            rpcSecret: "a",
            topologyKey: "b",
            dispatcherList: seed
        )
        try await script.check(kamailio: kamailio)
        let text = try String(contentsOfFile: script.path, encoding: .utf8)
        #expect(text.contains("listen=udp:0.0.0.0:15260 advertise 127.0.0.3:15260\n"))
        #expect(text.contains("listen=tcp:127.0.0.1:15265\n"))
        try FileManager.default.removeItem(at: folder)
    }

    @Test("a Kamailio that outlived its agent is taken over; one that hangs is started anew")
    func adopts() async throws {
        let kamailio = try #require(Command.find("kamailio"))
        var settings = settings
        settings.adoptsRunning = true
        let ledger = ProcessLedger(directory: folder.appending(path: "ledger"))
        // As a killed agent leaves it.
        let secrets = KamailioSecrets()
        try secrets.write(in: folder)
        let seed = folder.appending(path: "dispatcher.list").path
        try "".write(toFile: seed, atomically: true, encoding: .utf8)
        let script = try KamailioScript(
            templates: Self.templates,
            settings: settings,
            rpcSecret: secrets.rpc,
            topologyKey: secrets.topologyKey,
            dispatcherList: seed
        )
        let registry = try EmbeddedRegistry()
        let agent = EdgeAgent(
            settings: settings,
            templates: Self.templates,
            registry: registry,
            ledger: ledger,
            logger: Logger(label: "test")
        )
        let specification = await agent.specification(kamailio, script)
        let earlier = Process()
        earlier.executableURL = URL(filePath: kamailio)
        earlier.arguments = specification.arguments
        earlier.standardError = FileHandle.nullDevice
        try earlier.run()
        try ledger.record(name: "kamailio", pid: earlier.processIdentifier, command: specification.command)
        try await until { await agent.rpc.isAnswering() }

        try await registry.register(node(1, port: 15271))
        let running = Task { try await agent.run() }
        defer { running.cancel() }
        await serving(agent)
        #expect(await agent.status.pid == earlier.processIdentifier)
        #expect(await agent.status.isReady)
        #expect(try await agent.rpc.destinations().map(\.uri) == ["sip:available@127.0.0.1:15271"])

        kill(-earlier.processIdentifier, SIGSTOP)
        try await until { await agent.status.pid != earlier.processIdentifier }
        await serving(agent)
        #expect(try await agent.rpc.destinations().map(\.uri) == ["sip:available@127.0.0.1:15271"])
        running.cancel()
        _ = await running.result
        #expect(ledger.entries.isEmpty)
        try FileManager.default.removeItem(at: folder)
    }

    private func disabled(_ rpc: KamailioRPC) async throws -> [String: Bool] {
        try await rpc.destinations().reduce(into: [:]) { $0[String($1.uri.suffix(5))] = $1.isDisabled }
    }

    private func serving(_ agent: EdgeAgent) async {
        for await status in await agent.statuses() where status.phase == .serving { return }
    }

    private func until(_ holds: () async throws -> Bool) async throws {
        for _ in 0..<200 {
            if (try? await holds()) == true { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("it did not become so within 10 s")
    }
}
