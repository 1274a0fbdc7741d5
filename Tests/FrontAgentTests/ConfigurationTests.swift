import Engines
import Foundation
import Registry
import Testing

@testable import FrontAgent

@Suite("nginx's configuration")
struct ConfigurationTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "asterism-front-\(UUID().uuidString)")

    static var templates: ConfigTemplates {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return ConfigTemplates(directory: root.appending(path: "config"))
    }

    private func text(_ upstreams: FrontUpstreams, _ change: (inout FrontSettings) -> Void = { _ in }) throws -> String
    {
        var settings = FrontSettings(directory: folder)
        change(&settings)
        return try NginxConfiguration(settings: settings, upstreams: upstreams, generation: "g-1")
            .text(Self.templates)
    }

    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// The lines of one block, from its opening to its end.
    private func block(_ opening: String, _ text: String) -> [String] {
        Array(lines(text).drop { $0 != opening + " {" }.dropFirst().prefix { $0 != "}" })
    }

    private func upstreams(_ service: FrontService, _ servers: HostPort...) -> FrontUpstreams {
        var upstreams = FrontUpstreams()
        upstreams[service] = servers
        return upstreams
    }

    @Test("two gateways share the requests; event sockets may be silent for long")
    func gateways() throws {
        let text = try text(
            upstreams(.gateways, HostPort(host: "10.0.0.1", port: 8091), HostPort(host: "::1", port: 8092))
        )
        #expect(
            block("upstream gateways", text).filter { $0.hasPrefix("server") } == [
                "server 10.0.0.1:8091 max_fails=1 fail_timeout=2s;", "server [::1]:8092 max_fails=1 fail_timeout=2s;",
            ]
        )
        #expect(block("location /", text) == ["proxy_pass http://gateways;"])
        for path in ["/ari/events", "/fleet/events"] {
            let events = block("location = \(path)", text)
            #expect(events.contains("proxy_read_timeout 90000ms;"))
            #expect(events.contains("proxy_buffering off;"))
        }
        let all = lines(text)
        #expect(all.contains("proxy_connect_timeout 1000ms;"))
        #expect(all.contains("proxy_read_timeout 35000ms;"))
        #expect(all.contains("proxy_next_upstream error timeout;"))
        #expect(!text.contains("non_idempotent"))
        #expect(all.contains("client_max_body_size 65536;"))
        #expect(all.contains("listen 127.0.0.1:8088 so_keepalive=on;"))
        #expect(all.contains("access_log off;"))
    }

    @Test("without servers every service says so, as JSON")
    func nobody() throws {
        let text = try text(FrontUpstreams())
        #expect(!text.contains("upstream gateways {"))
        #expect(block("location /", text) == [#"return 503 '{"message":"No gateway runs"}';"#])
        for service in ["applicationd", "websocketd", "auth"] {
            #expect(
                block("location /api/\(service)/", text) == [#"return 503 '{"message":"No \#(service) runs"}';"#]
            )
        }
    }

    @Test("the other services lose their prefix", arguments: [FrontService.applicationd, .websocketd, .auth])
    func services(service: FrontService) throws {
        let text = try text(upstreams(service, HostPort(host: "127.0.0.1", port: 9000)))
        let location = block("location /api/\(service.rawValue)/", text)
        #expect(location.contains("proxy_pass http://\(service.rawValue)\(service == .websocketd ? "_sockets" : "")/;"))
        #expect(location.contains("proxy_read_timeout 90000ms;") == (service == .websocketd))
    }

    @Test("metrics are not for the public")
    func metrics() throws {
        let text = try text(upstreams(.gateways, HostPort(host: "127.0.0.1", port: 9000)))
        #expect(block("location = /metrics", text).first?.hasPrefix("return 404") == true)
    }

    @Test("with a certificate the port speaks TLS, and probes are answered without")
    func tls() throws {
        let text = try text(FrontUpstreams()) {
            $0.address = HostPort(host: "::", port: 443)
            $0.tls = .init(certificate: "/etc/ssl/front.pem", key: "/etc/ssl/front.key")
        }
        let all = lines(text)
        #expect(all.contains("listen [::]:443 ssl so_keepalive=on;"))
        #expect(all.contains(#"ssl_certificate "/etc/ssl/front.pem";"#))
        #expect(all.contains("error_page 497 @plain;"))
        #expect(block("location @plain", text).contains(#"add_header X-Front-Generation "g-1" always;"#))
    }

    @Test("a setting that would break out of its line is refused", arguments: ["a\"; evil", "a\nb", "$x", ""])
    func hostile(value: String) {
        #expect(throws: FrontError.self) {
            try text(FrontUpstreams()) { $0.tls = .init(certificate: value, key: "/k") }
        }
    }

    @Test("nginx accepts what is rendered, and what it rejects leaves the old configuration")
    func accepted() async throws {
        let files = NginxFiles(directory: folder, nginx: try #require(Command.find("nginx")))
        defer { try? FileManager.default.removeItem(at: folder) }
        try files.prepare()
        var full = FrontUpstreams()
        for service in FrontService.allCases { full[service] = [HostPort(host: "::1", port: 9000)] }
        for upstreams in [FrontUpstreams(), full] {
            for log in [false, true] {
                let text = try text(upstreams) {
                    $0.accessLog = log
                    $0.address.port = 43_000
                }
                try await files.replace(with: text)
            }
        }
        let good = try String(contentsOf: folder.appending(path: "nginx.conf"), encoding: .utf8)
        await #expect(throws: FrontError.self) { try await files.replace(with: "evil on;") }
        #expect(try String(contentsOf: folder.appending(path: "nginx.conf"), encoding: .utf8) == good)
        try files.remember(full)
        #expect(files.remembered() == full)
    }
}
