import Foundation

/// A Consul of one server on this host, bound to loopback, whose data outlive it.
package struct ConsulServer: Sendable, Hashable {
    /// Where its HTTP API answers.
    package var httpPort: Int
    /// The port among servers, of whom there is only one.
    package var serverPort: Int
    /// The port of Consul's membership protocol.
    package var serfPort: Int
    /// Where configuration, data and log are.
    package var directory: URL

    package init(httpPort: Int, serverPort: Int, serfPort: Int, directory: URL) {
        self.httpPort = httpPort
        self.serverPort = serverPort
        self.serfPort = serfPort
        self.directory = directory
    }

    /// Where the data are.
    package var dataDirectory: URL { directory.appending(path: "data") }

    private var configurationFile: URL { directory.appending(path: "consul.json") }

    /// Writes the configuration.
    package func configure() throws(EngineError) {
        let loopback = "127.0.0.1"
        let configuration = Configuration(
            data_dir: dataDirectory.path,
            bind_addr: loopback,
            advertise_addr: loopback,
            client_addr: loopback,
            ports: .init(http: httpPort, server: serverPort, serf_lan: serfPort)
        )
        do {
            try FileManager.default.createDirectory(at: dataDirectory, withIntermediateDirectories: true)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(configuration).write(to: configurationFile, options: .atomic)
        } catch {
            throw .fileSystem(path: directory.path, problem: "Consul's configuration cannot be written (\(error))")
        }
    }

    /// How to run it; ``configure()`` comes first.
    package func process(_ installation: ConsulInstallation) -> ProcessSpecification {
        ProcessSpecification(
            name: "consul",
            executable: installation.program,
            arguments: ["agent", "-config-file", configurationFile.path],
            // It is not asked to leave gracefully: a cluster of one has nobody to hand over to.
            log: directory.appending(path: "consul.log")
        )
    }

    /// The names are Consul's.
    private struct Configuration: Encodable {
        struct Ports: Encodable {
            var http: Int
            var server: Int
            var serf_lan: Int
            var https = -1
            var grpc = -1
            var dns = -1
            var serf_wan = -1
        }
        struct Performance: Encodable {
            var raft_multiplier = 1
            var leave_drain_time = "0s"
        }
        struct Limits: Encodable {
            /// Every watch of every role is a connection.
            var http_max_conns_per_client = 10_000
        }

        var server = true
        var bootstrap_expect = 1
        var node_name = "asterism"
        var data_dir: String
        var bind_addr: String
        var advertise_addr: String
        var client_addr: String
        var ports: Ports
        var disable_host_node_id = true
        var disable_update_check = true
        var disable_anonymous_signature = true
        var disable_remote_exec = true
        var check_update_interval = "0s"
        var leave_on_terminate = false
        var skip_leave_on_interrupt = true
        var performance = Performance()
        var limits = Limits()
        var log_level = "warn"
    }
}
