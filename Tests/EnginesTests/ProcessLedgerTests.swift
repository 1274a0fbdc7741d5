import Foundation
import Testing

@testable import Engines

@Suite("The ledger of processes")
struct ProcessLedgerTests {
    @Test("the command in /proc/PID/stat may hold spaces and parentheses")
    func stat() throws {
        let text = "42 (a (b) c) S 1 40 40 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 0 0"
        let stat = try #require(ProcessStat(text))
        #expect(stat.command == "a (b) c")
        #expect(stat.state == "S")
        #expect(stat.group == 40)
        #expect(stat.startTime == 12345)
        #expect(ProcessStat("nonsense") == nil)
    }

    @Test("what was left is ended and forgotten")
    func ends() async throws {
        try await withTemporaryFolder { folder in
            let ledger = ProcessLedger(directory: folder)
            let sleeper = try Sleeper()
            defer { sleeper.end() }
            try ledger.record(name: "sleeper", pid: sleeper.pid, command: ["/bin/sleep", "60"])
            #expect(ledger.entries.map(\.name) == ["sleeper"])
            let ended = await ledger.endLeftovers(grace: .milliseconds(200))
            #expect(ended.map(\.identity.pid) == [sleeper.pid])
            #expect(sleeper.hasEnded)
            #expect(ledger.entries.isEmpty)
        }
    }

    @Test("a later process with the same pid is left alone")
    func spares() async throws {
        try await withTemporaryFolder { folder in
            let ledger = ProcessLedger(directory: folder)
            let sleeper = try Sleeper()
            defer { sleeper.end() }
            let entry = try #require(try ledger.record(name: "s", pid: sleeper.pid, command: ["/bin/sleep"]))
            var other = entry
            other.identity.startTime -= 1
            try JSONEncoder().encode(other).write(to: folder.appending(path: "\(sleeper.pid).json"))
            #expect(await ledger.endLeftovers().isEmpty)
            #expect(!sleeper.hasEnded)
            #expect(ledger.entries.isEmpty)
        }
    }

    @Test("a process that has ended is not recorded")
    func gone() throws {
        let ledger = ProcessLedger(directory: URL(filePath: "/nonexistent"))
        #expect(try ledger.record(name: "x", pid: Int32.max - 1, command: []) == nil)
    }
}

/// A process in a group of its own, as engines are.
private final class Sleeper {
    private let process = Process()
    var pid: Int32 { process.processIdentifier }
    /// Whether it has, by the kernel's word: Foundation hears of it a moment later.
    var hasEnded: Bool { ProcessStat(pid: pid).map { $0.state == "Z" } ?? true }

    init() throws {
        process.executableURL = URL(filePath: "/bin/sleep")
        process.arguments = ["60"]
        // Foundation gives it a group of its own.
        try process.run()
    }

    func end() {
        if process.isRunning { kill(pid, SIGKILL) }
        process.waitUntilExit()
    }
}
