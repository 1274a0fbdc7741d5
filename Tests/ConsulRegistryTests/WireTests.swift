import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Registry
import Testing

@testable import ConsulRegistry

/// What other tools read in Consul, byte for byte where they depend on it.
@Suite("Consul as other tools see it", .serialized, .timeLimit(.minutes(2)))
struct WireTests {
    @Test("nodes, applications and maintenance are where res_consul puts them")
    func wire() async throws {
        try await ConsulFixture.with(port: 22100) { consul in
            let page = try await StatusPage.open(port: 22490)
            let registry = consul.registry()
            let api = API(client: registry.client)
            try await running([registry]) {
                try await registry.register(node("ast1", id: "02:42:ac:11:00:02"))
                try await registry.serves(["tts", "conference"], node: "ast1")
                try await registry.set(Array("tts".utf8), for: RegistryKey.application("tts"))

                let health = try await api.list("health/service/asterisk")
                #expect(health.count == 1)
                let service = try #require(health.first?["Service"] as? [String: Any])
                #expect(service["ID"] as? String == "02:42:ac:11:00:02")
                #expect(service["Service"] as? String == "asterisk")
                #expect(service["Address"] as? String == "127.0.0.1")
                #expect(service["Port"] as? Int == 5071)
                #expect(service["Tags"] as? [String] == ["asterisk"])
                let meta = try #require(service["Meta"] as? [String: String])
                #expect(meta["eid"] == "02:42:ac:11:00:02")
                #expect(meta["name"] == "ast1" && meta["nickname"] == "AST1" && meta["health"] == "passing")
                let checks = try #require(health.first?["Checks"] as? [[String: Any]])
                #expect(checks.contains { $0["CheckID"] as? String == "service:02:42:ac:11:00:02" })

                let keys = try await api.list("kv/applications/", [("recurse", nil)])
                #expect(keys.map { $0["Key"] as? String } == ["applications/tts"])
                #expect(keys.map { $0["Value"] as? String } == [Data("tts".utf8).base64EncodedString()])
                #expect(try await api.list("kv/asterism/nodes/ast1").count == 1)

                let application = try #require(try await api.list("catalog/service/tts").first)
                #expect(application["ServiceID"] as? String == "stasis/02:42:ac:11:00:02/tts")
                #expect(application["ServiceTags"] as? [String] == ["02:42:ac:11:00:02"])
                #expect(application["ServiceAddress"] as? String == "" && application["ServicePort"] as? Int == 0)
                try await registry.serves(["conference"], node: "ast1")
                #expect(try await api.list("catalog/service/tts").isEmpty)

                // Maintenance, from outside and from us.
                let path = "agent/service/maintenance/02:42:ac:11:00:02"
                try await api.put(path, [("enable", "true")])
                try await wait(in: registry.nodeChanges()) { $0.first?.isDraining == true }
                #expect(try await registry.nodes().first?.health == .passing)
                try await api.put(path, [("enable", "false")])
                try await wait(in: registry.nodeChanges()) { $0.first?.isDraining == false }
                try await registry.setDraining(true, node: "ast1")
                let check = "_service_maintenance:02:42:ac:11:00:02"
                #expect(try await api.list("health/checks/asterisk").contains { $0["CheckID"] as? String == check })

                try await registry.deregister(node: "ast1")
                #expect(try await api.list("health/service/asterisk").isEmpty)
                #expect(try await api.list("kv/asterism/nodes/ast1").isEmpty)
                #expect(try await api.list("catalog/service/conference").isEmpty)
                #expect(try await registry.nodes().isEmpty)
            }
            try await page.close()
        }
    }

    @Test("a process that ends in order leaves nothing behind")
    func cleanStop() async throws {
        try await ConsulFixture.with(port: 22110) { consul in
            let registry = consul.registry()
            let api = API(client: registry.client)
            try await running([registry]) {
                try await registry.announce([1], for: "gateways/one")
                #expect(try await api.list("catalog/service/asterism-test").count == 1)
                #expect(try await api.list("session/list").count == 1)
            }
            #expect(try await api.list("catalog/service/asterism-test").isEmpty)
            #expect(try await api.list("session/list").isEmpty)
            #expect(try await registry.entry("gateways/one") == nil)
        }
    }
}

/// Consul's API, bare.
private struct API {
    let client: ConsulClient

    func list(_ path: String, _ query: [(name: String, value: String?)] = []) async throws -> [[String: Any]] {
        let answer = try await client.send(ConsulRequest(path: path, query: query))
        guard answer.status == 200 else { return [] }
        return try JSONSerialization.jsonObject(with: Data(buffer: answer.body)) as? [[String: Any]] ?? []
    }

    func put(_ path: String, _ query: [(name: String, value: String?)]) async throws {
        try await client.require(ConsulRequest(method: .PUT, path: path, query: query))
    }
}
