import Foundation

/// How the edge is run.
package struct EdgeSettings: Sendable {
    /// The port of SIP over UDP and TCP.
    package var sipPort = 5060
    /// The loopback port of Kamailio's JSON-RPC.
    package var rpcPort = 5065
    /// The address of SIP, for phones and nodes. `0.0.0.0`, which is every address, needs an ``advertisedAddress``.
    package var sipAddress = "127.0.0.1"
    /// The address by which phones and nodes reach ``sipAddress``, where that is another one, as in a container.
    package var advertisedAddress: String?
    /// An address that phones on other machines use, besides ``sipAddress``.
    package var listenAddress: String?
    /// The digest realm; digests made for another one cannot be used here.
    package var realm = "asterism"
    /// How calls are spread over the nodes.
    package var balancing = Balancing.roundRobin
    /// What proves to a node that a request comes from the edge.
    package var fleetSecret: String
    /// Where the script, the log and the seed of the dispatcher are written; a folder of one run.
    package var directory: URL
    /// The number that every node answers without a route.
    package var greetingNumber = "9999"
    /// UDP workers per socket, and TCP workers.
    package var workers = 2
    /// Megabytes shared by all workers.
    package var sharedMemory = 64
    /// How long a node has for its first answer to a call or a probe.
    package var nodeTimeout = Duration.milliseconds(1200)
    /// How often nodes are probed; whole seconds.
    package var probeInterval = Duration.seconds(1)
    /// Calls a node may have under ``Balancing/callLoad``; 0 sets no bound.
    package var maximumCallsPerNode = 0
    /// Requests in two seconds after which an address is banned for five minutes; 0 bans nobody. 127.0.0.1 is exempt.
    package var floodLimit = 200
    /// Wrong passwords in a minute after which an address is ignored. 127.0.0.1 is exempt.
    package var failureLimit = 20
    /// How often the edge is compared with the registry although nothing changed.
    package var reconcileInterval = Duration.seconds(5)
    /// Whether a Kamailio that outlived the agent is taken over by the next one, with its registrations. ``directory`` must stay the
    /// same then.
    package var adoptsRunning = false
    /// Kamailio's `debug`: -1 errors, 0 warnings, 2 information, 3 everything.
    package var logLevel = 0

    /// Settings with the usual ports and bounds.
    package init(fleetSecret: String, directory: URL) {
        self.fleetSecret = fleetSecret
        self.directory = directory
    }
}

/// How calls are spread over the nodes.
package enum Balancing: String, Sendable, Codable, CaseIterable {
    /// One after the other.
    case roundRobin
    /// The node with the fewest calls of the edge's own count.
    case callLoad
    /// In proportion to the nodes' weights.
    case weight

    /// The number of the algorithm in Kamailio's dispatcher.
    var algorithm: Int {
        switch self {
        case .roundRobin: 4
        case .callLoad: 10
        // Relative weights: algorithm 9 wants percentages that add up to 100, which no single node can know.
        case .weight: 11
        }
    }
}
