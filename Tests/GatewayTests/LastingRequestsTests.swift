import EventBus
import Fleet
import Logging
import NIOCore
import NIOHTTP1
import Registry
import Synchronization
import Testing

@testable import Gateway

@Suite("What nodes that join are asked to do as the others were", .timeLimit(.minutes(3)))
struct LastingRequestsTests {
    /// What was logged as a warning.
    private final class Warnings: Sendable {
        private let state = Mutex<[String]>([])
        var all: [String] { state.withLock(\.self) }
        func add(_ text: String) { state.withLock { $0.append(text) } }
    }

    private struct Recorder: LogHandler {
        let warnings: Warnings
        var logLevel = Logger.Level.warning
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = event.metadata ?? [:]
            warnings.add("\(event.message) \(metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })")
        }
    }

    @Test("what it refuses is logged, with the node and the request, and the rest is done")
    func refused() async throws {
        let registry = try EmbeddedRegistry()
        let fleet = SimulatedFleet(bus: EmbeddedBus())
        let node = try await fleet.add("ast1")
        let warnings = Warnings()
        let logger = Logger(label: "test") { _ in Recorder(warnings: warnings) }
        let lasting = LastingRequests(registry: registry, patience: .seconds(1), logger: logger)
        for (name, target) in [("bridge", "/ari/bridges/none/addChannel?channel=a"), ("music", "/ari/bridges/b/moh")] {
            let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: target)
            let request = GatewayRequest(head: head, body: ByteBuffer(), id: "r", peer: nil)
            await lasting.note(.remember(name), request, target: target)
        }
        await lasting.replay(on: node)
        let key = RegistryKey.lastingRequest("bridge")
        #expect(warnings.all == [#"the node does not do what the others did ["node=ast1", "request=\#(key)"]"#])
        #expect(fleet.node("ast1").music["b"] != nil)
        await fleet.stop()
    }
}
