import Foundation
import Logging

/// A process that an earlier run of ours started. It is not our child, so the kernel tells us neither when nor how it ends.
extension SupervisedProcess {
    /// How often it is looked at.
    private static let interval = Duration.milliseconds(100)

    /// Waits for the end of a process; when the task is cancelled, brings it about.
    func watchToTheEnd(of process: ProcessIdentity) async -> ProcessExit {
        while process.isRunning, !Task.isCancelled { try? await Task.sleep(for: Self.interval) }
        var exit = ProcessExit.vanished
        if process.isRunning {
            // A task of its own: this one is cancelled, and would not wait.
            exit = await Task { await self.stop(process) }.value
        }
        endOrphans(ofGroup: process.pid)
        ledger.forget(pid: process.pid)
        return exit
    }

    private func stop(_ process: ProcessIdentity) async -> ProcessExit {
        Foundation.kill(process.pid, SIGTERM)
        let deadline = ContinuousClock.now + specification.stopTimeout
        while process.isRunning, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
        guard process.isRunning else { return .killed(signal: SIGTERM) }
        logger.warning("\(specification.name) does not heed SIGTERM", metadata: ["pid": "\(process.pid)"])
        Foundation.kill(-process.pid, SIGKILL)
        while process.isRunning { try? await Task.sleep(for: .milliseconds(20)) }
        return .killed(signal: SIGKILL)
    }
}
