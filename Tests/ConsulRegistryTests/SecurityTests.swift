import Engines
import Foundation
import Registry
import Testing

@testable import ConsulRegistry

@Suite("Consul behind TLS and access control", .serialized, .timeLimit(.minutes(5)))
struct SecurityTests {
    private static let token = "5ec4e700-0000-4000-8000-000000000001"

    @Test("the right authority and token are let in, others are told what is wrong")
    func tlsAndToken() async throws {
        try await ConsulFixture.with(
            port: 22200,
            extra: { consul, folder in
                let make =
                    "cd '\(folder.path)' && '\(consul.program)' tls ca create && '\(consul.program)' tls cert create -server"
                try await Command.run("/bin/sh", ["-c", make])
                return """
                    {"ports": {"https": 22203}, "cert_file": "\(folder.path)/dc1-server-consul-0.pem",
                     "key_file": "\(folder.path)/dc1-server-consul-0-key.pem",
                     "acl": {"enabled": true, "default_policy": "deny",
                             "tokens": {"master": "\(Self.token)", "agent": "\(Self.token)"}}}
                    """
            },
            adjust: { settings, folder in
                settings.addresses = [ConsulAddress(isSecure: true, host: "localhost", port: 22203)]
                settings.caFile = folder.appending(path: "consul-agent-ca.pem").path
                settings.token = ConsulToken(Self.token)
            }
        ) { consul in
            let registry = consul.registry()
            try await registry.set([1], for: "routes/1")
            #expect(try await registry.entry("routes/1")?.value == [1])

            let stranger = consul.registry { $0.caFile = nil }
            #expect(await Self.problem { _ = try await stranger.entry("routes/1") }.contains("consul-ca"))
            let nobody = consul.registry { $0.token = ConsulToken("5ec4e700-0000-4000-8000-000000000002") }
            let words = await Self.problem { try await nobody.set([1], for: "routes/1") }
            #expect(words.contains("token") && !words.contains("5ec4e700"))
        }
    }

    private static func problem(_ work: () async throws -> Void) async -> String {
        do {
            try await work()
            return ""
        } catch {
            return "\(error)"
        }
    }
}
