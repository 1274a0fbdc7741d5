import Foundation

/// A private broker: one RabbitMQ node on the loopback interface, with everything it writes under one folder.
package struct RabbitMQBroker: Sendable, Hashable {
    /// What it is called in messages.
    package var name: String
    /// Where configuration, data, logs and the Erlang cookie are.
    package var directory: URL
    /// AMQP.
    package var port: Int
    /// Erlang distribution, which RabbitMQ does not run without.
    package var distributionPort: Int
    /// The broker's own Erlang name server.
    package var epmdPort: Int
    /// The only account. Its name is letters and digits.
    package var user: String
    /// The account's password: letters and digits. It travels in a file of mode 600, never on a command line.
    package var password: String

    package init(
        name: String = "rabbitmq",
        directory: URL,
        port: Int,
        distributionPort: Int,
        epmdPort: Int,
        user: String = "asterism",
        password: String
    ) {
        self.name = name
        self.directory = directory
        self.port = port
        self.distributionPort = distributionPort
        self.epmdPort = epmdPort
        self.user = user
        self.password = password
    }

    /// The address for `broker` settings; it contains the password.
    package var url: String { "amqp://\(user):\(password)@127.0.0.1:\(port)" }

    /// What it listens on, for a look whether the ports are free.
    package var listeners: [(port: Int, use: String)] {
        [(port, "AMQP"), (distributionPort, "Erlang distribution"), (epmdPort, "Erlang's name server")]
    }

    /// Writes what the broker reads at its start; keeps its data and cookie.
    package func writeFiles(for installation: RabbitMQInstallation) throws(EngineError) {
        for folder in [directory, home, data, logs] {
            do {
                try FileManager.default.createDirectory(
                    at: folder,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
            } catch {
                throw .fileSystem(path: folder.path, problem: "the folder cannot be made (\(error))")
            }
        }
        try write(configuration, to: "rabbitmq.conf", mode: 0o600)
        try write("[].\n", to: "enabled_plugins", mode: 0o600)
        try write("", to: "rabbitmq-env.conf", mode: 0o600)
        try write(startScript(installation), to: "start", mode: 0o700)
        let cookie = home.appending(path: ".erlang.cookie")
        if !FileManager.default.fileExists(atPath: cookie.path) {
            let secret = (0..<32).map { _ in String(UInt8.random(in: 0...255), radix: 16) }.joined()
            try write(secret, to: "home/.erlang.cookie", mode: 0o400)
        }
    }

    /// How to run it. SIGTERM stops it in an orderly way; its name server ends with it, however it ends.
    package func specification() -> ProcessSpecification {
        ProcessSpecification(
            name: name,
            executable: "/bin/sh",
            arguments: [directory.appending(path: "start").path],
            environment: environment,
            workingDirectory: directory,
            log: logs.appending(path: "rabbitmq.log"),
            stopTimeout: .seconds(5)
        )
    }

    var configuration: String {
        """
        listeners.tcp.1 = 127.0.0.1:\(port)
        default_user = \(user)
        default_pass = \(password)
        default_permissions.configure = .*
        default_permissions.read = .*
        default_permissions.write = .*
        default_user_tags.administrator = true
        vm_memory_high_watermark.absolute = 512MiB
        disk_free_limit.absolute = 64MB
        collect_statistics_interval = 30000
        log.console = true
        log.console.level = warning
        log.file = false

        """
    }

    private var home: URL { directory.appending(path: "home") }
    private var data: URL { directory.appending(path: "data") }
    private var logs: URL { directory.appending(path: "log") }

    private var environment: [String: String] {
        func path(_ file: String) -> String { directory.appending(path: file).path }
        return [
            "HOME": home.path,
            "RABBITMQ_NODENAME": "asterism-\(port)@localhost",
            "RABBITMQ_DIST_PORT": "\(distributionPort)",
            "RABBITMQ_CONFIG_FILE": path("rabbitmq.conf"),
            "RABBITMQ_CONFIG_FILES": path("conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": path("advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": path("rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": path("enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": data.path,
            "RABBITMQ_MNESIA_DIR": data.appending(path: "node").path,
            "RABBITMQ_LOG_BASE": logs.path,
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": path("pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2",
            // The script shall become the broker instead of waiting for it, so that signals and pids are the broker's.
            "RUNNING_UNDER_SYSTEMD": "true",
            "NOTIFY_SOCKET": "",
            "ERL_EPMD_PORT": "\(epmdPort)",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            // Erlang would start a name server that outlives the broker; the start script starts one that does not.
            "ERL_FLAGS": "-start_epmd false",
            "ERL_CRASH_DUMP": logs.appending(path: "erl_crash.dump").path,
        ]
    }

    /// RabbitMQ insists on a name server. Ours is a child of the process that becomes the broker, and dies with it.
    private func startScript(_ installation: RabbitMQInstallation) -> String {
        """
        #!/bin/sh
        setpriv --pdeathsig KILL -- \(installation.epmd) -port \(epmdPort) -address 127.0.0.1 &
        tries=0
        until \(installation.epmd) -port \(epmdPort) -names >/dev/null 2>&1 || [ $tries -ge 50 ]; do
            tries=$((tries + 1))
            sleep 0.05
        done
        exec \(installation.server)

        """
    }

    private func write(_ text: String, to file: String, mode: Int) throws(EngineError) {
        let path = directory.appending(path: file).path
        // Created with its mode, so that a secret is at no time readable by others.
        try? FileManager.default.removeItem(atPath: path)
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: mode]
        guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: attributes) else {
            throw .fileSystem(path: path, problem: "the file cannot be written")
        }
    }
}
