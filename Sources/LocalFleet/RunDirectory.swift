import Engines
import Foundation
import Logging

/// The files of one run, in `run` below the state directory. Only one fleet at a time may have it; what a run that was killed
/// left, processes included, the next one clears away.
final class RunDirectory: Sendable {
    let directory: URL
    let ledger: ProcessLedger
    /// Holds the lock while it is open; the kernel lets go of it when the process ends, however it ends.
    private let lock: FileHandle

    /// - Throws: ``LocalFleetError/alreadyRunning(_:)``, ``LocalFleetError/stateDirectory(_:_:)``.
    init(stateDirectory: URL, logger: Logger) async throws(LocalFleetError) {
        directory = stateDirectory.appending(path: "run")
        ledger = ProcessLedger(directory: directory.appending(path: "processes"))
        lock = try Self.acquire(stateDirectory)
        for ledger in [ledger] + Self.ledgersOfRoles(in: directory) {
            for entry in await ledger.endLeftovers(logger: logger) {
                logger.notice("ended \(entry.name), left by an earlier run that was killed")
            }
        }
        do {
            try? FileManager.default.removeItem(at: directory)
            try FileManager.default.createDirectory(
                at: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw .stateDirectory(directory.path, "\(error.localizedDescription)")
        }
    }

    /// Whether a fleet runs with this state directory now.
    static func isInUse(_ stateDirectory: URL) -> Bool {
        do {
            _ = try acquire(stateDirectory)
            return false
        } catch .alreadyRunning {
            return true
        } catch {
            return false
        }
    }

    /// Removes everything of this run.
    func remove() { try? FileManager.default.removeItem(at: directory) }

    /// Each role that is a process writes down the engines it starts beside its own folder.
    private static func ledgersOfRoles(in directory: URL) -> [ProcessLedger] {
        let files = FileManager.default
        return [directory, directory.appending(path: "nodes")]
            .flatMap { (try? files.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)) ?? [] }
            .filter { $0.pathExtension == "processes" }
            .map(ProcessLedger.init)
    }

    private static func acquire(_ stateDirectory: URL) throws(LocalFleetError) -> FileHandle {
        let path = stateDirectory.appending(path: "lock").path
        do {
            try FileManager.default.createDirectory(at: stateDirectory, withIntermediateDirectories: true)
        } catch {
            throw .stateDirectory(stateDirectory.path, "\(error.localizedDescription)")
        }
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .stateDirectory(path, String(cString: strerror(errno))) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .alreadyRunning(stateDirectory.path) }
        return handle
    }
}

/// Why a fleet on this machine cannot run.
package enum LocalFleetError: Error, Sendable, CustomStringConvertible {
    case alreadyRunning(String)
    case stateDirectory(String, String)
    case portTaken(kind: String, address: String, use: String, detail: String)
    case badListenAddress(String)
    case notReady(String)

    package var description: String {
        switch self {
        case .alreadyRunning(let directory):
            "a fleet is already running with the state directory \(directory); stop it, or give this one its own with "
                + "--state-dir and --port-offset"
        case .stateDirectory(let path, let detail):
            "\(path) cannot be used (\(detail)); choose another with --state-dir"
        case .portTaken(let kind, let address, let use, let detail):
            "\(address)/\(kind), wanted for \(use), cannot be used (\(detail)); end what holds it (ss -lnp shows it) or shift "
                + "all ports with --port-offset"
        case .badListenAddress(let text):
            "--listen \(text) is neither an address nor an interface of this machine; `ip -brief address` lists them"
        case .notReady(let what): "the fleet did not get ready: \(what)"
        }
    }
}
