import ARI
import Engines
import EventBus
import Foundation
import Logging
import NIOCore
import NIOPosix
import Registry

@testable import NodeAgent

/// Real nodes on ports of their own, with an embedded registry and bus, for the time of one test.
struct LiveFixture {
    let registry: EmbeddedRegistry
    let bus: EmbeddedBus
    let folder: URL
    let installation: AsteriskInstallation
    let portOffset: Int
    let ledger: ProcessLedger

    /// Unpacks Asterisk where the fleet would, unless it is there: these tests are never skipped.
    /// - Parameter folder: nil makes one for the time of the test.
    static func with(
        portOffset: Int,
        folder given: URL? = nil,
        _ body: (LiveFixture) async throws -> Void
    ) async throws {
        let state = ProcessInfo.processInfo.environment["ASTERISM_STATE_DIR"] ?? "/var/lib/asterism"
        let engines = URL(filePath: state).appending(path: "engines")
        if try await AsteriskInstallation.find(engines: engines) == nil {
            try await AsteriskTree(engines: engines).unpack()
        }
        guard let installation = try await AsteriskInstallation.find(engines: engines) else {
            throw EngineError.unusableAsterisk(path: engines.path, problem: "it was not found after unpacking")
        }
        let folder = given ?? URL(filePath: "/tmp/asterism-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { if given == nil { try? FileManager.default.removeItem(at: folder) } }
        try await body(
            LiveFixture(
                registry: EmbeddedRegistry(),
                bus: EmbeddedBus(),
                folder: folder,
                installation: installation,
                portOffset: portOffset,
                ledger: ProcessLedger(directory: folder.appending(path: "processes"))
            )
        )
    }

    func settings(_ number: Int, link: NodeSettings.LinkChoice = .automatic) -> NodeSettings {
        .local(number: number, runDirectory: folder, fleetSecret: "sesame", portOffset: portOffset, link: link)
    }

    func agent(_ settings: NodeSettings) throws -> NodeAgent {
        NodeAgent(
            settings: settings,
            installation: installation,
            templates: try .locate(explicit: nil),
            registry: registry,
            bus: bus,
            ledger: ledger,
            logger: logger
        )
    }

    /// Silent, unless `ASTERISM_TEST_LOG` is set.
    var logger: Logger {
        guard ProcessInfo.processInfo.environment["ASTERISM_TEST_LOG"] != nil else {
            return Logger(label: "node") { _ in SwiftLogNoOpLogHandler() }
        }
        var logger = Logger(label: "node") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .debug
        return logger
    }

    /// Runs a node while `body` runs.
    func running(_ settings: NodeSettings, _ body: () async throws -> Void) async throws {
        let agent = try agent(settings)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await agent.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    func client(_ settings: NodeSettings) -> ARIClient {
        ARIClient(
            baseURL: "http://\(settings.ari)/ari",
            user: settings.ariCredentials.user,
            password: settings.ariCredentials.password
        )
    }

    /// Waits for a record of a node; fails by the suite's time limit.
    func record(_ name: String, where condition: (NodeRecord) -> Bool) async throws -> NodeRecord {
        for await nodes in await registry.nodeChanges() {
            if let record = nodes.first(where: { $0.name == name && condition($0) }) { return record }
        }
        throw CancellationError()
    }

    /// The status of the answer to an OPTIONS as the edge sends it.
    func options(_ user: String, _ settings: NodeSettings, secret: String = "sesame") async throws -> Int {
        let channel = try await DatagramBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<AddressedEnvelope<ByteBuffer>, AddressedEnvelope<ByteBuffer>>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        let port = channel.channel.localAddress?.port ?? 0
        let request = """
            OPTIONS sip:\(user)@\(settings.sip) SIP/2.0\r
            Via: SIP/2.0/UDP 127.0.0.1:\(port);branch=z9hG4bK\(UInt32.random(in: 0...UInt32.max))\r
            From: <sip:edge@127.0.0.1>;tag=1\r
            To: <sip:\(user)@127.0.0.1>\r
            Call-ID: \(UUID().uuidString)\r
            CSeq: 1 OPTIONS\r
            Max-Forwards: 9\r
            X-Asterism-Edge: \(secret)\r
            Content-Length: 0\r
            \r\n
            """
        let target = try SocketAddress(ipAddress: settings.sip.host, port: settings.sip.port)
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(AddressedEnvelope(remoteAddress: target, data: ByteBuffer(string: request)))
            for try await answer in inbound {
                let words = String(buffer: answer.data).split(separator: " ", maxSplits: 2)
                return words.count > 1 ? Int(words[1]) ?? 0 : 0
            }
            return 0
        }
    }
}

/// Polls until a condition holds; the suite's time limit bounds it.
func eventually(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(20)) }
}
