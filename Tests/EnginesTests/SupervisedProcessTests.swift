import Foundation
import Logging
import Synchronization
import Testing

@testable import Engines

@Suite("Supervision", .timeLimit(.minutes(5)))
struct SupervisedProcessTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("a killed process is started again, and ended when supervision is cancelled")
    func restarts() async throws {
        try await withTemporaryFolder { folder in
            let exits = Mutex<[ProcessExit]>([])
            let ledger = ProcessLedger(directory: folder.appending(path: "processes"))
            let process = SupervisedProcess(
                ProcessSpecification(
                    name: "sleeper",
                    executable: "/bin/sleep",
                    arguments: ["60"],
                    log: folder.appending(path: "log"),
                    restart: RestartPolicy(initialDelay: .milliseconds(1))
                ),
                ledger: ledger,
                logger: quiet,
                onExit: { exit in exits.withLock { $0.append(exit) } }
            )
            let states = await process.states()
            let running = Task { try await process.supervise() }
            var pids: [Int32] = []
            for await state in states {
                guard case .running(let pid) = state else { continue }
                pids.append(pid)
                #expect(ledger.entries.map(\.identity.pid) == [pid])
                if pids.count == 1 { await process.kill() } else { break }
            }
            running.cancel()
            try await running.value
            #expect(Set(pids).count == 2)
            #expect(exits.withLock { $0 } == [.killed(signal: SIGKILL), .killed(signal: SIGTERM)])
            #expect(await process.state == .stopped)
            #expect(ledger.entries.isEmpty)
            #expect(pids.allSatisfy { ProcessIdentity(pid: $0) == nil })
        }
    }

    @Test("one that ends again and again is given up, with the end of its log")
    func givesUp() async throws {
        try await withTemporaryFolder { folder in
            let log = folder.appending(path: "log")
            let process = SupervisedProcess(
                ProcessSpecification(
                    name: "faulty",
                    executable: "/bin/sh",
                    arguments: ["-c", "echo no such thing >&2; exit 3"],
                    log: log,
                    restart: RestartPolicy(initialDelay: .milliseconds(1), giveUpAfter: 2)
                ),
                ledger: ProcessLedger(directory: folder.appending(path: "processes")),
                logger: quiet
            )
            await #expect(
                throws: EngineError.keepsExiting(
                    name: "faulty",
                    exit: .exited(code: 3),
                    log: log.path,
                    output: "no such thing\nno such thing"
                )
            ) {
                try await process.run()
            }
        }
    }

    @Test("children that a dead leader left are ended before the restart")
    func orphans() async throws {
        try await withTemporaryFolder { folder in
            let pidFile = folder.appending(path: "child")
            let process = SupervisedProcess(
                ProcessSpecification(
                    name: "leader",
                    executable: "/bin/sh",
                    arguments: ["-c", "sleep 61 & echo $! > \(pidFile.path); exit 1"],
                    log: folder.appending(path: "log"),
                    restart: RestartPolicy(giveUpAfter: 1)
                ),
                ledger: ProcessLedger(directory: folder.appending(path: "processes")),
                logger: quiet
            )
            try? await process.run()
            let text = try String(contentsOf: pidFile, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
            let child = try #require(Int32(text))
            for _ in 0..<2000 where ProcessIdentity(pid: child) != nil { try await Task.sleep(for: .milliseconds(10)) }
            #expect(ProcessIdentity(pid: child) == nil)
        }
    }

    @Test("a program that is not there is named")
    func missing() async throws {
        try await withTemporaryFolder { folder in
            let process = SupervisedProcess(
                ProcessSpecification(
                    name: "ghost",
                    executable: "/nonexistent/ghost",
                    log: folder.appending(path: "log"),
                    restart: RestartPolicy(giveUpAfter: 1)
                ),
                ledger: ProcessLedger(directory: folder),
                logger: quiet
            )
            await #expect {
                try await process.run()
            } throws: {
                "\($0)".contains("ghost")
            }
        }
    }
}
