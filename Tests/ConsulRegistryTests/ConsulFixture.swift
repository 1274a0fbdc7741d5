import ConsulRegistry
import Foundation
import Logging
import Registry

@testable import Engines

/// A real Consul for the time of one test, which can be killed, hung and emptied.
final class ConsulFixture: Sendable {
    let server: ConsulServer
    let installation: ConsulInstallation
    private let process = ProcessBox()
    /// Further configuration, as JSON.
    private let extra: String?
    private let adjust: @Sendable (inout ConsulSettings) -> Void

    var address: ConsulAddress { ConsulAddress(host: "127.0.0.1", port: server.httpPort) }

    private init(
        server: ConsulServer,
        installation: ConsulInstallation,
        extra: String?,
        adjust: @escaping @Sendable (inout ConsulSettings) -> Void
    ) {
        self.server = server
        self.installation = installation
        self.extra = extra
        self.adjust = adjust
    }

    /// Unpacks Consul where the fleet would, unless it is there: these tests are never skipped.
    /// - Parameters:
    ///   - port: below the ports that the system gives to clients: a client that keeps connecting to one of those while nobody
    ///     listens is in the end connected to itself (TCP's simultaneous open), and Consul cannot have the port any more.
    ///   - extra: makes further configuration, from the program and a folder for its files.
    ///   - adjust: settings that such a Consul needs.
    static func with(
        port: Int,
        extra: ((ConsulInstallation, URL) async throws -> String)? = nil,
        adjust: @escaping @Sendable (inout ConsulSettings, URL) -> Void = { _, _ in },
        _ body: (ConsulFixture) async throws -> Void
    ) async throws {
        let state = ProcessInfo.processInfo.environment["ASTERISM_STATE_DIR"] ?? "/var/lib/asterism"
        let engines = URL(filePath: state).appending(path: "engines")
        var installation = ConsulInstallation.find(engines: engines)
        if installation == nil { installation = try await ConsulInstallation.unpack(engines: engines) }
        guard let installation else { throw CancellationError() }
        let folder = URL(filePath: "/tmp/asterism-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = ConsulServer(httpPort: port, serverPort: port + 1, serfPort: port + 2, directory: folder)
        try server.configure()
        let fixture = ConsulFixture(
            server: server,
            installation: installation,
            extra: try await extra?(installation, folder),
            adjust: { adjust(&$0, folder) }
        )
        try await fixture.start()
        do {
            try await body(fixture)
        } catch {
            await fixture.kill()
            throw error
        }
        await fixture.kill()
    }

    /// Starts it and waits until it has a leader.
    func start() async throws {
        try server.configure()
        var specification = server.process(installation)
        if let extra {
            let file = server.directory.appending(path: "extra.json")
            try Data(extra.utf8).write(to: file)
            specification.arguments += ["-config-file", file.path]
        }
        let (program, arguments) = ParentDeathSignal.wrap(specification.executable, specification.arguments)
        try await process.start(program, arguments, log: specification.log)
        let registry = registry { $0.requestTimeout = .milliseconds(500) }
        try await eventually { (try? await registry.set([1], for: "started")) != nil }
    }

    /// Sends a signal; when it is to stop, it has stopped.
    func signal(_ signal: Int32) async {
        await process.signal(signal)
        if signal == SIGSTOP { await process.waitForStop() }
    }

    /// Kills it and waits for its end.
    func kill() async {
        await process.signal(SIGKILL)
        await process.waitForEnd()
    }

    /// Removes all that it knew; it must not be running.
    func wipe() throws { try FileManager.default.removeItem(at: server.dataDirectory) }

    func registry(_ change: (inout ConsulSettings) -> Void = { _ in }) -> ConsulRegistry {
        var settings = ConsulSettings(addresses: [address], role: "test")
        // It shares the machine with other tests.
        settings.requestTimeout = .seconds(15)
        adjust(&settings)
        change(&settings)
        return ConsulRegistry(settings, logger: Logger(label: "registry") { _ in SwiftLogNoOpLogHandler() })
    }
}

private actor ProcessBox {
    private var process: Process?

    func start(_ program: String, _ arguments: [String], log: URL) throws {
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let process = Process()
        process.executableURL = URL(filePath: program.contains("/") ? program : Command.find(program) ?? program)
        process.arguments = arguments
        let output = try FileHandle(forWritingTo: log)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        self.process = process
    }

    func signal(_ signal: Int32) {
        guard let process, process.isRunning else { return }
        _ = Foundation.kill(process.processIdentifier, signal)
    }

    /// Each of its threads stops when it is next scheduled (`proc_pid_stat(5)`, state T).
    func waitForStop() async {
        guard let process else { return }
        let tasks = "/proc/\(process.processIdentifier)/task"
        while process.isRunning {
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
            let states = threads.compactMap { try? String(contentsOfFile: "\(tasks)/\($0)/stat", encoding: .utf8) }
            if states.allSatisfy({ $0.contains(") T ") }) { return }
            try? await Task.sleep(for: .milliseconds(1))
        }
    }

    func waitForEnd() async {
        while process?.isRunning == true { try? await Task.sleep(for: .milliseconds(10)) }
    }
}

/// Runs registries while `body` runs.
func running(_ registries: [ConsulRegistry], _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for registry in registries { group.addTask { try await registry.run() } }
        do {
            try await body()
        } catch {
            group.cancelAll()
            throw error
        }
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// Polls until a condition holds; the suite's time limit bounds it.
func eventually(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(20)) }
}

/// The first element that fulfils a condition, and how long it took.
@discardableResult
func wait<Element: Sendable>(
    in stream: AsyncStream<Element>,
    for condition: (Element) -> Bool
) async throws -> (Element, Duration) {
    let start = ContinuousClock.now
    for await element in stream where condition(element) { return (element, ContinuousClock.now - start) }
    throw CancellationError()
}

func node(_ name: String, id: String? = nil, ariPort: Int = 22490) -> NodeRecord {
    NodeRecord(
        name: name,
        id: id ?? "eid-\(name)",
        nickname: name.uppercased(),
        sip: HostPort(host: "127.0.0.1", port: 5071),
        ari: HostPort(host: "127.0.0.1", port: ariPort),
        ariCredentials: Credentials(user: "u", password: "p"),
        incarnation: "1",
        health: .passing
    )
}
