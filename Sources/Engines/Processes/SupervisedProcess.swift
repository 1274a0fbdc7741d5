import Foundation
import Logging
import ServiceLifecycle
import Subprocess
import SystemPackage

/// Keeps one process running: starts it, starts it again with growing delays when it ends, and stops it in an orderly way.
///
/// The process leads its own group, so that Ctrl-C in a terminal reaches us alone. Should we die first, it gets SIGTERM from the
/// kernel, or lives on to be taken over by our next run (``ProcessSpecification/outlivesUs``).
package actor SupervisedProcess: Service {
    /// Where the process stands.
    package enum State: Sendable, Hashable {
        case idle
        case starting
        case running(pid: Int32)
        case waiting(Duration, after: ProcessExit)
        case stopped
    }

    /// What is run.
    package nonisolated let specification: ProcessSpecification
    /// Where the process stands now.
    package private(set) var state = State.idle

    let ledger: ProcessLedger
    let logger: Logger
    private let willStart: @Sendable () async throws -> Void
    private let onExit: @Sendable (ProcessExit) async -> Void
    private var watchers: [UUID: AsyncStream<State>.Continuation] = [:]

    /// - Parameters:
    ///   - willStart: called before each start, the first and every restart; an error ends ``run()``. Not
    ///     called for a process that is taken over.
    ///   - onExit: called with the reason after each exit, also the last.
    package init(
        _ specification: ProcessSpecification,
        ledger: ProcessLedger,
        logger: Logger,
        willStart: @escaping @Sendable () async throws -> Void = {},
        onExit: @escaping @Sendable (ProcessExit) async -> Void = { _ in }
    ) {
        self.specification = specification
        self.ledger = ledger
        self.logger = logger
        self.willStart = willStart
        self.onExit = onExit
    }

    /// The process id while it runs.
    package var pid: Int32? {
        if case .running(let pid) = state { pid } else { nil }
    }

    /// Every state, now and after each change.
    package func states() -> AsyncStream<State> {
        let (stream, continuation) = AsyncStream.makeStream(of: State.self, bufferingPolicy: .bufferingNewest(16))
        let id = UUID()
        watchers[id] = continuation
        continuation.onTermination = { [weak self] _ in Task { await self?.forgetWatcher(id) } }
        continuation.yield(state)
        return stream
    }

    /// Runs until graceful shutdown or cancellation, then stops the process.
    /// - Throws: ``EngineError`` when the process cannot be started or the restart policy gives up.
    package func run() async throws {
        try await cancelWhenGracefulShutdown { try await self.supervise() }
    }

    /// As ``run()``, but stops only when the task is cancelled, for owners with an order of their own.
    package func supervise() async throws {
        defer {
            change(to: .stopped)
            for watcher in watchers.values { watcher.finish() }
        }
        var counter = RestartPolicy.Counter(specification.restart)
        while !Task.isCancelled {
            let started = ContinuousClock.now
            let exit = try await watched { try await self.adoptOrStart() }
            await onExit(exit)
            if Task.isCancelled { return }
            switch counter.ended(after: ContinuousClock.now - started) {
            case .restart(let delay):
                logger.warning("\(specification.name) \(exit); starting it again", metadata: ["delay": "\(delay)"])
                change(to: .waiting(delay, after: exit))
                try? await Task.sleep(for: delay)
            case .giveUp:
                throw EngineError.keepsExiting(
                    name: specification.name,
                    exit: exit,
                    log: specification.log.path,
                    output: LogTail.read(specification.log)
                )
            }
        }
    }

    /// Kills the process at once (a hung one does not heed SIGTERM); it is started again as after any exit.
    package func kill() {
        guard let pid else { return }
        logger.warning("killing \(specification.name)", metadata: ["pid": "\(pid)"])
        _ = Foundation.kill(pid, SIGKILL)
    }

    /// Has the process killed if it hangs, while `run` lasts.
    private func watched(_ run: @escaping @Sendable () async throws -> ProcessExit) async throws -> ProcessExit {
        guard let liveness = specification.liveness else { return try await run() }
        return try await withThrowingTaskGroup(of: ProcessExit?.self) { group in
            group.addTask { try await run() }
            group.addTask {
                while !Task.isCancelled {
                    try? await liveness.waitUntilHung()
                    if !Task.isCancelled { await self.killHung() }
                }
                return nil
            }
            defer { group.cancelAll() }
            while let end = try await group.next() {
                if let end { return end }
            }
            throw CancellationError()
        }
    }

    private func killHung() {
        logger.error("\(specification.name) runs, but does not answer")
        kill()
    }

    private func adoptOrStart() async throws -> ProcessExit {
        if specification.outlivesUs,
            let left = ledger.running(name: specification.name, command: specification.command)
        {
            logger.notice("taking over \(specification.name)", metadata: ["pid": "\(left.identity.pid)"])
            change(to: .running(pid: left.identity.pid))
            return await watchToTheEnd(of: left.identity)
        }
        change(to: .starting)
        try await willStart()
        return try await runOnce()
    }

    private func runOnce() async throws(EngineError) -> ProcessExit {
        let log: FileDescriptor
        do {
            log = try FileDescriptor.open(
                FilePath(specification.log.path),
                .writeOnly,
                options: [.append, .create, .closeOnExec],
                permissions: .ownerReadWrite
            )
        } catch {
            throw .fileSystem(path: specification.log.path, problem: "the log cannot be opened (\(error))")
        }
        defer { try? log.close() }
        do {
            let result = try await Subprocess.run(
                configuration,
                input: .none,
                output: .fileDescriptor(log, closeAfterSpawningProcess: false),
                error: .fileDescriptor(log, closeAfterSpawningProcess: false)
            ) { execution in
                self.didStart(execution.processIdentifier.value)
            }
            let pid = result.processIdentifier.value
            endOrphans(ofGroup: pid)
            ledger.forget(pid: pid)
            return ProcessExit(result.terminationStatus)
        } catch {
            throw .cannotStart(name: specification.name, problem: "\(error)")
        }
    }

    private func didStart(_ pid: Int32) {
        do {
            try ledger.record(
                name: specification.name,
                pid: pid,
                command: specification.command
            )
        } catch {
            logger.warning("\(error)")
        }
        change(to: .running(pid: pid))
    }

    /// Children that a killed leader left behind hold its ports, so a restart would fail.
    func endOrphans(ofGroup group: Int32) {
        for orphan in ProcessStat.members(ofGroup: group) { _ = Foundation.kill(orphan.pid, SIGKILL) }
    }

    private var configuration: Subprocess.Configuration {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: specification.stopTimeout)]
        let (executable, arguments) =
            specification.outlivesUs
            ? (specification.executable, specification.arguments)
            : ParentDeathSignal.wrap(specification.executable, specification.arguments)
        return Configuration(
            executable: executable.contains("/") ? .path(FilePath(executable)) : .name(executable),
            arguments: Arguments(arguments),
            environment: .inherit.updating(
                Dictionary(
                    uniqueKeysWithValues: specification.environment.map { (.init(stringLiteral: $0.key), $0.value) }
                )
            ),
            workingDirectory: specification.workingDirectory.map { FilePath($0.path) },
            platformOptions: options
        )
    }

    private func change(to new: State) {
        guard state != new else { return }
        state = new
        for watcher in watchers.values { watcher.yield(new) }
    }

    private func forgetWatcher(_ id: UUID) { watchers.removeValue(forKey: id) }
}

extension ProcessExit {
    init(_ status: TerminationStatus) {
        switch status {
        case .exited(let code): self = .exited(code: code)
        case .signaled(let signal): self = .killed(signal: signal)
        }
    }
}
