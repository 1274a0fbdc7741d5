import ConsulRegistry
import Engines
import Foundation
import Logging
import Registry

/// One Consul for all tests of this process, ended by the kernel with it. Each registry has keys and services of its own.
actor SharedConsul {
    static let shared = SharedConsul()

    private var starting: Task<Void, any Error>?
    private let port = 62_010
    /// Always the same, so that runs do not pile up.
    private let folder = FileManager.default.temporaryDirectory.appending(path: "asterism-conformance-consul")

    /// A registry that is new and empty, running while `body` runs.
    func withRegistry(_ body: @Sendable (any Registry) async throws -> Void) async throws {
        try await start()
        var settings = ConsulSettings(addresses: [ConsulAddress(host: "127.0.0.1", port: port)], role: "test")
        let mark = UUID().uuidString.prefix(8).lowercased()
        settings.root = "\(mark)/asterism/"
        settings.applications = "\(mark)/applications/"
        settings.nodeService = "asterisk-\(mark)"
        // No Asterisk is there to be asked: the word of the registration stands.
        settings.checkInterval = .seconds(3600)
        settings.takeoverPatience = .milliseconds(100)
        // It shares the machine with other tests.
        settings.requestTimeout = .seconds(15)
        let registry = ConsulRegistry(settings, logger: Logger(label: "registry") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await registry.run() }
            try await body(registry)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func start() async throws {
        if starting == nil { starting = Task { try await self.startServer() } }
        try await starting?.value
    }

    private func startServer() async throws {
        let state = ProcessInfo.processInfo.environment["ASTERISM_STATE_DIR"] ?? "/var/lib/asterism"
        let engines = URL(filePath: state).appending(path: "engines")
        var installation = ConsulInstallation.find(engines: engines)
        if installation == nil { installation = try await ConsulInstallation.unpack(engines: engines) }
        guard let installation else { return }
        try? FileManager.default.removeItem(at: folder)
        let server = ConsulServer(httpPort: port, serverPort: port + 1, serfPort: port + 2, directory: folder)
        try server.configure()
        let process = SupervisedProcess(
            server.process(installation),
            ledger: ProcessLedger(directory: folder.appending(path: "processes")),
            logger: Logger(label: "consul") { _ in SwiftLogNoOpLogHandler() }
        )
        Task { try await process.supervise() }
        let settings = ConsulSettings(addresses: [ConsulAddress(host: "127.0.0.1", port: port)], role: "test")
        let probe = ConsulRegistry(settings, logger: Logger(label: "probe") { _ in SwiftLogNoOpLogHandler() })
        while (try? await probe.entry("probe")) == nil, (try? await probe.set([1], for: "probe")) == nil {
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
