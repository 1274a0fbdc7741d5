import Foundation
import Registry
import Testing

@testable import NodeAgent

@Suite("Settings of a local node")
struct NodeSettingsTests {
    @Test("ports follow from the number and the offset")
    func ports() {
        let node = NodeSettings.local(
            number: 2,
            runDirectory: URL(filePath: "/r"),
            fleetSecret: "s",
            portOffset: 100
        )
        #expect(node.name == "ast2")
        let ports = [node.sip, node.ari, node.ami, node.edge].map(\.port)
        #expect(ports == [5172, 8202, 8302, 5160])
        #expect(node.rtpPorts == 11_100...12_099)
        #expect(node.directory.path == "/r/nodes/ast2")
    }

    @Test("names, ids and nicknames differ from node to node and stay")
    func identity() {
        let nodes = (1...300).map {
            NodeSettings.local(number: $0, runDirectory: URL(filePath: "/r"), fleetSecret: "s")
        }
        #expect(Set(nodes.map(\.id)).count == 300)
        #expect(Set(nodes.map(\.nickname)).count == 300)
        #expect(nodes[0].id == "02:61:73:74:00:01")
        #expect(nodes[255].id == "02:61:73:74:01:00")
    }

    @Test("secrets are long and never the same")
    func secrets() {
        let secrets = (0..<100).map { _ in NodeSettings.secret() }
        #expect(Set(secrets).count == 100)
        #expect(secrets.allSatisfy { $0.count == 32 })
    }
}
