import Engines
import Foundation
import Logging
import Registry
import Testing

@testable import Roles

@Suite("The number of a node", .timeLimit(.minutes(5)))
struct NodeSlotTests {
    private func take(_ holder: ProcessIdentity?) async throws -> Int {
        let memory = FileManager.default.temporaryDirectory.appending(path: "slot-\(UUID())")
        defer { try? FileManager.default.removeItem(at: memory) }
        if let holder { try JSONEncoder().encode(NodeSlot.Memory(number: 7, holder: holder)).write(to: memory) }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let slot = NodeSlot(registry: try EmbeddedRegistry(), memory: memory, logger: logger)
        let number = try await slot.take()
        let kept = try JSONDecoder().decode(NodeSlot.Memory.self, from: Data(contentsOf: memory))
        #expect(kept.number == number && kept.holder.pid == getpid())
        await slot.release()
        return number
    }

    @Test("a first run takes the lowest that is free")
    func first() async throws {
        #expect(try await take(nil) == 1)
    }

    @Test("a later run has that of the run before, also when another process has that one's pid")
    func later() async throws {
        let parent = try #require(ProcessIdentity(pid: getppid()))
        var former = parent
        former.startTime -= 1
        #expect(try await take(former) == 7)
        #expect(try await take(parent) == 1, "a living node keeps its own")
    }
}
