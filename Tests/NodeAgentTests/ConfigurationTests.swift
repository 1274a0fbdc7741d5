import Engines
import Foundation
import Registry
import Testing

@testable import NodeAgent

@Suite("Configuration files")
struct ConfigurationTests {
    private var configuration: NodeConfiguration {
        let installation = AsteriskInstallation(
            command: ["asterisk"],
            moduleDirectory: URL(filePath: "/modules"),
            dataDirectory: URL(filePath: "/data"),
            musicDirectory: nil,
            version: AsteriskVersion(22, 10, 1)
        )
        let settings = NodeSettings.local(number: 1, runDirectory: URL(filePath: "/run/a"), fleetSecret: "sesame")
        var configuration = NodeConfiguration(settings: settings, installation: installation)
        configuration.link = .init(port: 4321, credentials: Credentials(user: "ast1", password: "pw"))
        return configuration
    }

    private func render(_ file: String, _ change: (inout NodeConfiguration) -> Void = { _ in }) throws -> String {
        var configuration = configuration
        change(&configuration)
        return try ConfigTemplates.locate(explicit: nil).render("asterisk/\(file)", configuration.values)
    }

    @Test("a route leads to its application, and to 503 if nobody serves it")
    func routes() throws {
        let text = try render("extensions.conf") { $0.routes = ["8001": "tts", "7001": "conference"] }
        #expect(text.contains("exten => 7001,1,Stasis(conference)\n"))
        #expect(
            text.contains("exten => 8001,1,Stasis(tts)\n same => n,GotoIf($[\"${STASISSTATUS}\" = \"FAILED\"]?away)\n")
        )
        #expect(text.contains("ASTERISM_NODE = ast1\nASTERISM_NICKNAME = Vega\n"))
        #expect(text.contains("exten => _leg-.,1,Stasis(asterism,leg,${EXTEN})"))
    }

    @Test("a draining node takes the pinged extension away", arguments: [true, false])
    func draining(isDraining: Bool) throws {
        let text = try render("extensions.conf") { $0.isDraining = isDraining }
        #expect(text.contains("exten => available,") == !isDraining)
    }

    @Test("the applications' link is there only when there are applications")
    func applications() throws {
        let none = try render("ari.conf")
        #expect(none.contains("[observer]\n") && !none.contains("[applications]"))
        let some = try render("ari.conf") { $0.applications = ["conference", "tts"] }
        #expect(some.contains("apps = conference,tts\nsubscribe_all = no\n"))
    }

    @Test("an Asterisk that we dial gets no outbound links")
    func inbound() throws {
        #expect(!(try render("ari.conf") { $0.link = nil }).contains("outbound_websocket"))
        #expect(!(try render("websocket_client.conf") { $0.link = nil }).contains("uri"))
        #expect(try render("websocket_client.conf").contains("uri = ws://127.0.0.1:4321/observer\n"))
    }

    @Test("every other node is a peer to dial, this one is not")
    func peers() throws {
        let text = try render("pjsip.conf") {
            $0.peers = [.init(name: "ast2", sip: HostPort(host: "127.0.0.1", port: 5072))]
        }
        #expect(text.contains("[node-ast2](legs)\n"))
        #expect(text.contains("contact = sip:127.0.0.1:5072\n"))
        #expect(text.contains("match_header = X-Asterism-Edge: sesame\n"))
        #expect(!text.contains("[node-ast1]"))
    }

    @Test("no template leaves a tag behind or escapes as for HTML")
    func complete() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "asterism-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var writer = ConfigurationWriter(templates: try .locate(explicit: nil), directory: folder)
        try writer.writeAll(configuration)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count > 15)
        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(
                !text.contains("{{") && !text.contains("&quot;") && !text.contains("&#"),
                "\(file.lastPathComponent)"
            )
            let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test("only what changed is written and reloaded")
    func changes() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "asterism-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var writer = ConfigurationWriter(templates: try .locate(explicit: nil), directory: folder)
        var configuration = configuration
        try writer.writeAll(configuration)
        #expect(try writer.writeChanges(configuration) == [])
        configuration.applications = ["tts"]
        configuration.routes = ["8001": "tts"]
        #expect(try writer.writeChanges(configuration) == ["res_ari.so", "pbx_config.so"])
        configuration.peers = [.init(name: "ast2", sip: HostPort(host: "127.0.0.1", port: 5072))]
        #expect(try writer.writeChanges(configuration) == ["res_pjsip.so"])
    }

    @Test("modules that the build lacks are not asked for")
    func modules() {
        let text = "[modules]\nautoload = no\npreload = a.so\nload = b.so\n"
        let kept = ConfigurationWriter.keepingModules(in: URL(filePath: "/nonexistent"), of: text)
        #expect(kept == "[modules]\nautoload = no\n")
    }

    @Test(
        "names that would change what a file says are refused",
        arguments: [
            ("tts", true), ("0b9c6a2e-8d1f-4c62-9c0e-2f4a3f0d7c11", true), ("my.app_1", true), ("a,b", false),
            ("a b", false),
            ("a)", false), ("a;b", false), ("a\nb", false), ("[x]", false), ("", false), ("asterism", false),
            ("é", false),
            ("${X}", false),
        ]
    )
    func applicationNames(name: String, expected: Bool) {
        #expect(ConfigurationWords.isApplication(name) == expected)
    }

    @Test(
        "numbers, names and patterns can be dialled",
        arguments: [
            ("8001", true), ("+49*#", true), ("demo", true), ("_70XX", true), ("_[1-5]X.", true), ("_", false),
            ("[1]", false),
            ("1,2", false), ("1 2", false), ("", false), ("1\n", false),
        ]
    )
    func extensions(number: String, expected: Bool) {
        #expect(ConfigurationWords.isExtension(number) == expected)
    }
}
