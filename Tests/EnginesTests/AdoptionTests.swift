import Foundation
import Logging
import Synchronization
import Testing

@testable import Engines

@Suite("Processes that outlive us, and processes that hang", .timeLimit(.minutes(3)))
struct AdoptionTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func specification(_ script: String, in folder: URL) -> ProcessSpecification {
        ProcessSpecification(
            name: "engine",
            executable: "/bin/sh",
            arguments: ["-c", script],
            log: folder.appending(path: "log"),
            stopTimeout: .milliseconds(300),
            restart: RestartPolicy(initialDelay: .milliseconds(1)),
            outlivesUs: true
        )
    }

    /// As an earlier run of ours left it: running, in a group of its own, written down.
    private func left(_ specification: ProcessSpecification, _ ledger: ProcessLedger) throws -> Orphan {
        let orphan = try Orphan(specification.command)
        try ledger.record(name: "engine", pid: orphan.pid, command: specification.command)
        return orphan
    }

    @Test(
        "a process of an earlier run is taken over and stopped as one of ours",
        arguments: [
            ("touch READY; exec sleep 60", ProcessExit.killed(signal: SIGTERM)),
            ("trap '' TERM; touch READY; while :; do sleep 0.05; done", .killed(signal: SIGKILL)),
        ]
    )
    func adopts(script: String, end: ProcessExit) async throws {
        try await withTemporaryFolder { folder in
            let ledger = ProcessLedger(directory: folder.appending(path: "processes"))
            let ready = folder.appending(path: "ready").path
            var specification = specification(script.replacing("READY", with: ready), in: folder)
            // One that heeds the signal has all the time that a busy machine may need.
            if end == .killed(signal: SIGTERM) { specification.stopTimeout = .seconds(20) }
            let earlier = try left(specification, ledger)
            let seen = Mutex<[String]>([])
            let process = SupervisedProcess(
                specification,
                ledger: ledger,
                logger: quiet,
                willStart: { seen.withLock { $0.append("start") } },
                onExit: { exit in seen.withLock { $0.append("\(exit)") } }
            )
            let running = Task { try await process.supervise() }
            for await state in await process.states() where state == .running(pid: earlier.pid) { break }
            while !FileManager.default.fileExists(atPath: ready) { try await Task.sleep(for: .milliseconds(5)) }
            #expect(earlier.isRunning)
            running.cancel()
            try await running.value
            #expect(!earlier.isRunning)
            #expect(seen.withLock { $0 } == ["\(end)"])
            #expect(ledger.entries.isEmpty)
        }
    }

    @Test("one that was taken over and ends is started again")
    func restarts() async throws {
        try await withTemporaryFolder { folder in
            let ledger = ProcessLedger(directory: folder.appending(path: "processes"))
            let specification = specification("exec sleep 60", in: folder)
            let earlier = try left(specification, ledger)
            let process = SupervisedProcess(specification, ledger: ledger, logger: quiet)
            let states = await process.states()
            let running = Task { try await process.supervise() }
            var pids: [Int32] = []
            for await case .running(let pid) in states {
                pids.append(pid)
                if pids.count == 2 { break }
                kill(earlier.pid, SIGKILL)
            }
            #expect(pids.first == earlier.pid && pids.last != earlier.pid)
            #expect(ledger.entries.map(\.identity.pid) == [pids.last])
            running.cancel()
            try await running.value
        }
    }

    @Test("another command, or a process that is gone, is not taken over")
    func refuses() async throws {
        try await withTemporaryFolder { folder in
            let ledger = ProcessLedger(directory: folder.appending(path: "processes"))
            let specification = specification("exec sleep 60", in: folder)
            let earlier = try left(specification, ledger)
            #expect(ledger.running(name: "engine", command: specification.command) != nil)
            #expect(ledger.running(name: "other", command: specification.command) == nil)
            #expect(ledger.running(name: "engine", command: ["/bin/sh"]) == nil)
            #expect(await ledger.endLeftovers(named: "other").isEmpty)
            #expect(await ledger.endLeftovers(named: "engine").count == 1)
            #expect(ledger.running(name: "engine", command: specification.command) == nil)
            #expect(!earlier.isRunning)
        }
    }

    @Test("one that hangs is killed and started again, one that answers is not")
    func hangs() async throws {
        try await withTemporaryFolder { folder in
            let beat = folder.appending(path: "beat")
            var specification = specification(
                "while :; do touch \(beat.path); sleep 0.02; done",
                in: folder
            )
            specification.outlivesUs = false
            specification.liveness = LivenessProbe(
                interval: .milliseconds(300),
                failures: 3,
                grace: .seconds(3)
            ) {
                let attributes = try? FileManager.default.attributesOfItem(atPath: beat.path)
                guard let changed = attributes?[.modificationDate] as? Date else { return false }
                return Date.now.timeIntervalSince(changed) < 2
            }
            let exits = Mutex<[ProcessExit]>([])
            let process = SupervisedProcess(
                specification,
                ledger: ProcessLedger(directory: folder.appending(path: "processes")),
                logger: quiet,
                onExit: { exit in exits.withLock { $0.append(exit) } }
            )
            let states = await process.states()
            let running = Task { try await process.supervise() }
            var pids: [Int32] = []
            for await case .running(let pid) in states {
                pids.append(pid)
                if pids.count == 2 { break }
                try await Task.sleep(for: .seconds(1))
                #expect(exits.withLock { $0.isEmpty })
                kill(pid, SIGSTOP)
            }
            #expect(exits.withLock { $0 } == [.killed(signal: SIGKILL)])
            running.cancel()
            try await running.value
        }
    }

    @Test("a probe that does not return counts as a failure")
    func silent() async throws {
        let probe = LivenessProbe(interval: .milliseconds(20), failures: 2, grace: .zero) {
            try? await Task.sleep(for: .seconds(60))
            return true
        }
        try await probe.waitUntilHung()
    }
}

/// A process as a killed run of ours leaves it. Foundation's would have SIGTERM blocked.
private struct Orphan {
    let pid: Int32
    var isRunning: Bool { ProcessIdentity(pid: pid) != nil }

    init(_ command: [String]) throws {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: Int32 = 0
        let problem = posix_spawn(&pid, command[0], nil, &attributes, &arguments, environ)
        try #require(problem == 0)
        self.pid = pid
    }
}
