import Foundation

/// What to start and how to stop it.
package struct ProcessSpecification: Sendable {
    /// What we call it in messages, such as `ast1` or `kamailio`.
    package var name: String
    /// The program, a path or a name to be looked up on `PATH`.
    package var executable: String
    /// Its arguments, without the program's name.
    package var arguments: [String]
    /// Variables added to the inherited environment.
    package var environment: [String: String]
    /// Where it runs; nil is our own directory.
    package var workingDirectory: URL?
    /// The file that its standard output and standard error are appended to.
    package var log: URL
    /// How long it has to end after SIGTERM before it gets SIGKILL.
    package var stopTimeout: Duration
    /// How restarts are spaced.
    package var restart: RestartPolicy
    /// Whether the process lives on when we are killed, and the next run of ours takes it over, as the ledger tells.
    package var outlivesUs: Bool
    /// How a running process that hangs is found out; nil trusts every process that runs.
    package var liveness: LivenessProbe?

    package init(
        name: String,
        executable: String,
        arguments: [String] = [],
        environment: [String: String] = [:],
        workingDirectory: URL? = nil,
        log: URL,
        stopTimeout: Duration = .seconds(5),
        restart: RestartPolicy = .init(),
        outlivesUs: Bool = false,
        liveness: LivenessProbe? = nil
    ) {
        self.name = name
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.log = log
        self.stopTimeout = stopTimeout
        self.restart = restart
        self.outlivesUs = outlivesUs
        self.liveness = liveness
    }

    /// The command line as the ledger keeps it.
    package var command: [String] { [executable] + arguments }
}

/// How a process ended.
package enum ProcessExit: Sendable, Hashable, CustomStringConvertible {
    /// It left by itself with an exit code.
    case exited(code: Int32)
    /// A signal ended it.
    case killed(signal: Int32)
    /// It is gone, and how is known only to whoever started it: it had been taken over from an earlier run of ours.
    case vanished

    /// Reads as the predicate of a sentence: "ast1 *was killed by signal 9*".
    package var description: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .killed(let signal): "was killed by signal \(signal)"
        case .vanished: "ended"
        }
    }
}
