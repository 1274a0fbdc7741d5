import ArgumentParser
import Registry

/// How large the fleet is and where it listens: what every part has to agree on.
struct FleetPlan: ParsableArguments {
    /// Ports from here on are given to clients by the kernel.
    private static let ports = 1024..<32_768

    @Option(help: "How many simulated Asterisks.")
    var nodes = 10

    @Option(help: "The gateway's port on 127.0.0.1; each node takes two of the ports after it.")
    var port = 30_000

    func validate() throws {
        guard (1...1000).contains(nodes) else { throw ValidationError("--nodes is from 1 to 1000") }
        guard Self.ports.contains(port), Self.ports.contains(port + 2 * nodes) else {
            throw ValidationError("--port and the \(2 * nodes) ports after it have to be in \(Self.ports)")
        }
    }

    var gateway: HostPort { HostPort(host: "127.0.0.1", port: port) }

    var all: [SimulatedNode] { (1...nodes).map { SimulatedNode(index: $0, firstPort: port) } }
}

/// One simulated Asterisk, as its agent and the fleet know it.
struct SimulatedNode: Sendable, Hashable {
    /// For its ARI, and for the links to its agent.
    static let credentials = Credentials(user: "simulated", password: "simulated")
    /// There is one run only.
    static let incarnation = "simulated"

    /// Counted from 1.
    let index: Int
    /// Where it answers ARI.
    let ari: HostPort
    /// Where its agent waits for it to dial.
    let linkPort: Int
    let name: String
    let entityID: String

    init(index: Int, firstPort: Int) {
        self.index = index
        ari = HostPort(host: "127.0.0.1", port: firstPort + 2 * index - 1)
        linkPort = firstPort + 2 * index
        name = "sim\(index)"
        let bytes = [index >> 8, index & 0xff].map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        entityID = "02:00:00:00:" + bytes.joined(separator: ":")
    }

    var record: NodeRecord {
        NodeRecord(
            name: name,
            id: entityID,
            nickname: name,
            sip: HostPort(host: "127.0.0.1", port: 5060),
            ari: ari,
            ariCredentials: Self.credentials,
            incarnation: Self.incarnation,
            health: .passing
        )
    }
}
