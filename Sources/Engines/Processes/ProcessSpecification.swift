import Foundation

/// What to start and how to stop it.
public struct ProcessSpecification: Sendable {
    /// What we call it in messages, such as `ast1` or `kamailio`.
    public var name: String
    /// The program, a path or a name to be looked up on `PATH`.
    public var executable: String
    /// Its arguments, without the program's name.
    public var arguments: [String]
    /// Variables added to the inherited environment.
    public var environment: [String: String]
    /// Where it runs; nil is our own directory.
    public var workingDirectory: URL?
    /// The file that its standard output and standard error are appended to.
    public var log: URL
    /// How long it has to end after SIGTERM before it gets SIGKILL.
    public var stopTimeout: Duration
    /// How restarts are spaced.
    public var restart: RestartPolicy

    public init(
        name: String,
        executable: String,
        arguments: [String] = [],
        environment: [String: String] = [:],
        workingDirectory: URL? = nil,
        log: URL,
        stopTimeout: Duration = .seconds(5),
        restart: RestartPolicy = .init()
    ) {
        self.name = name
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.log = log
        self.stopTimeout = stopTimeout
        self.restart = restart
    }
}

/// How a process ended.
public enum ProcessExit: Sendable, Hashable, CustomStringConvertible {
    /// It left by itself with an exit code.
    case exited(code: Int32)
    /// A signal ended it.
    case killed(signal: Int32)

    /// Reads as the predicate of a sentence: "ast1 *was killed by signal 9*".
    public var description: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .killed(let signal): "was killed by signal \(signal)"
        }
    }
}
