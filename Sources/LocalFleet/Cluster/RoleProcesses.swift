import EdgeAgent
import Engines
import Foundation
import Logging
import Operator
import Registry
import ServiceLifecycle

/// The roles of a cluster on this machine, each as a process of the same program. Secrets go by the environment.
struct RoleProcesses: Sendable {
    let settings: LocalFleetSettings
    let run: RunDirectory
    let logger: Logger
    private let environment: [String: String]
    private let access: [String: String]

    private let installation: String

    init(
        settings: LocalFleetSettings,
        run: RunDirectory,
        broker: String,
        operator: FleetConnection,
        logger: Logger
    ) throws {
        installation = try InstallationID.of(settings.stateDirectory)
        self.settings = settings
        self.run = run
        self.logger = logger
        var environment = [
            "ASTERISM_CONSUL": "http://\(settings.consul)",
            "ASTERISM_BROKER": broker,
            "ASTERISM_AUTH": "http://\(settings.auth)",
            "ASTERISM_FLEET_SECRET": RandomSecret.make(),
            "ASTERISM_LOG_LEVEL": logger.logLevel.rawValue,
        ]
        if let directory = settings.configDirectory { environment["ASTERISM_CONFIG_DIR"] = directory }
        self.environment = environment
        access = [
            "ASTERISM_ARI_USER": settings.ariUser.user, "ASTERISM_ARI_PASSWORD": settings.ariUser.password,
            "ASTERISM_OPERATOR_PASSWORD": `operator`.password,
        ]
    }

    private var state: String { settings.stateDirectory.path }

    /// Everything but the nodes.
    var services: [any Service] {
        gateways + [edge, front, auth, applicationd, websocketd] + (settings.demo ? applications : [])
    }

    /// A node.
    func node(_ number: Int) -> SupervisedProcess {
        var arguments = [
            "node", "--state-dir", state, "--number", "\(number)", "--port-offset", "\(settings.portOffset)", "--edge",
            "\(settings.sip)",
            "--directory", run.directory.appending(path: "nodes/ast\(number)").path,
        ]
        if let listen = settings.listen { arguments += ["--media-address", listen] }
        return process("node-\(number)", arguments, status: settings.port(8600 + number))
    }

    private var gateways: [any Service] {
        (1...LocalFleetSettings.gateways).map { number in
            process(
                "gateway-\(number)",
                [
                    "gateway", "--state-dir", state, "--name", "gateway-\(number)", "--port",
                    "\(settings.port(8090 + number))",
                ],
                status: settings.port(8650 + number),
                extra: access
            )
        }
    }

    private var edge: any Service {
        var arguments = [
            "edge", "--state-dir", state, "--sip-port", "\(settings.sip.port)", "--rpc-port", "\(settings.rpc.port)",
            "--realm", settings.realm, "--balancing", settings.balancing.rawValue,
            "--directory", run.directory.appending(path: "kamailio").path,
        ]
        if let listen = settings.listen { arguments += ["--listen", listen] }
        return process("edge", arguments, status: settings.port(8660))
    }

    private var front: any Service {
        process(
            "front",
            [
                "front", "--state-dir", state, "--port", "\(settings.gateway.port)", "--directory",
                run.directory.appending(path: "nginx").path,
            ],
            status: settings.port(8661)
        )
    }

    private var auth: any Service {
        process(
            "auth",
            [
                "auth", "--state-dir", state, "--name", "auth", "--port", "\(settings.auth.port)", "--origin",
                installation,
            ]
                + (settings.demo ? ["--auth-demo"] : []),
            status: settings.port(8664)
        )
    }

    private var applicationd: any Service {
        process(
            "applicationd",
            [
                "applicationd", "--state-dir", state, "--name", "applicationd", "--port",
                "\(settings.applicationd.port)", "--gateway", "http://\(settings.gateway)/ari", "--origin",
                installation,
            ] + (settings.demo ? ["--anonymous"] : []),
            status: settings.port(8665),
            extra: access
        )
    }

    private var websocketd: any Service {
        process(
            "websocketd",
            ["websocketd", "--state-dir", state, "--name", "websocketd", "--port", "\(settings.websocketd.port)"],
            status: settings.port(8666)
        )
    }

    private var applications: [any Service] {
        let access = ["ASTERISM_USER": settings.ariUser.user, "ASTERISM_PASSWORD": settings.ariUser.password]
        let gateway = "http://\(settings.gateway)/ari"
        var speech = ["--sound-port", "\(settings.sound.port)"]
        if let command = settings.speechCommand { speech += ["--speech", command.joined(separator: " ")] }
        return [
            process(
                "app-tts",
                ["app", "tts", "--gateway", gateway] + speech,
                status: settings.port(8662),
                extra: access
            ),
            process(
                "app-conference",
                ["app", "conference", "--gateway", gateway],
                status: settings.port(8663),
                extra: access
            ),
        ]
    }

    private func process(
        _ name: String,
        _ arguments: [String],
        status: Int,
        extra: [String: String] = [:]
    ) -> SupervisedProcess {
        SupervisedProcess(
            ProcessSpecification(
                name: name,
                executable: Self.ownExecutable,
                arguments: arguments + ["--status-address", "127.0.0.1:\(status)"],
                environment: environment.merging(extra) { $1 },
                log: run.directory.appending(path: "\(name).log"),
                stopTimeout: .seconds(6),
                restart: RestartPolicy(maximumDelay: .seconds(2)),
                liveness: EngineProbe.http("http://127.0.0.1:\(status)/status/live", grace: .seconds(60))
            ),
            ledger: run.ledger,
            logger: logger
        )
    }

    /// The program that runs now.
    private static var ownExecutable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
