/// Where Consul is and how the fleet uses it. The defaults are what tools written for res_consul expect.
package struct ConsulSettings: Sendable {
    /// Consul agents to talk to: the first, and the next whenever one fails.
    package var addresses: [ConsulAddress]
    /// The ACL token, if Consul wants one.
    package var token: ConsulToken?
    /// A PEM file with the authorities that may sign Consul's certificate; nil for those of the system.
    package var caFile: String?
    /// What this process is (`node`, `gateway`), for the name of its own service.
    package var role: String

    /// What all keys begin with, except those of applications.
    package var root = "asterism/"
    /// What the keys of applications begin with.
    package var applications = "applications/"
    /// The name of the service that every node is an instance of.
    package var nodeService = "asterisk"

    /// How often Consul asks a node's Asterisk for `/httpstatus`.
    package var checkInterval = Duration.seconds(2)
    /// How long Asterisk has for the answer.
    package var checkTimeout = Duration.seconds(1)
    /// When Consul forgets the service of a node, or of a process, that is gone; a minute at least.
    package var forgetAfter = Duration.seconds(120)
    /// How often a process says that it lives.
    package var heartbeat = Duration.seconds(1)
    /// How long its silence is believed: then its session and with it its keys are gone.
    package var processTTL = Duration.seconds(3)
    /// How long one request to one agent may take.
    package var requestTimeout = Duration.seconds(2)
    /// How long Consul holds a blocking query when nothing changes.
    package var wait = Duration.seconds(45)
    /// How long a node stays on the list, as suspect, when Consul has lost it.
    package var suspectFor = Duration.seconds(30)
    /// How long a registration waits for a conflicting record to prove stale: Consul notices a dead node by its next check.
    package var takeoverPatience = Duration.seconds(4)

    package init(addresses: [ConsulAddress], token: ConsulToken? = nil, caFile: String? = nil, role: String) {
        self.addresses = addresses
        self.token = token
        self.caFile = caFile
        self.role = role
    }
}

/// An ACL token, which never prints.
package struct ConsulToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    let secret: String

    package init(_ secret: String) { self.secret = secret }

    package var description: String { "<secret>" }
    package var debugDescription: String { description }
}
