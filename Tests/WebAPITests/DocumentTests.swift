import Foundation
import Hummingbird
import NIOCore
import Testing

@testable import WebAPI

@Suite("Documents")
struct DocumentTests {
    private let document = """
        {"openapi":"3.1.0","info":{"title":"A & <B>","version":"1"},"servers":[{"url":"/"}],
         "paths":{"/calls":{"get":{},"post":{}},"/calls/{id}":{"parameters":[],"delete":{}},"/calls/all":{"put":{}}}}
        """

    private func pages(ui: SwaggerUI? = nil) throws -> DocumentPages {
        DocumentPages(document: try OpenAPIDocument(Data(document.utf8)), ui: ui)
    }

    @Test(
        "a path has the methods that the description gives it",
        arguments: [
            ("/calls", ["GET", "POST"]), ("/calls/7", ["DELETE"]), ("/calls/all", ["DELETE", "PUT"]), ("/calls/", []),
            ("/", []), ("/calls/7/answer", []),
        ]
    )
    func methods(path: String, expected: [String]) throws {
        #expect(try OpenAPIDocument(Data(document.utf8)).methods(of: path) == expected)
    }

    @Test("a known path asked with another method is a 405 that says which there are")
    func wrongMethod() async throws {
        try await LiveServer.run(documents: pages()) { server in
            let answer = try await server.ask("PATCH", "/calls")
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == "GET, POST")
            #expect(answer.json?["error_id"] as? String == "method-not-allowed")
        }
    }

    @Test("the description is served as it is, below a proxy's path with that path")
    func served() async throws {
        try await LiveServer.run(documents: pages()) { server in
            let plain = try await server.ask("GET", "/openapi.json")
            #expect(plain.text == document)
            #expect(plain.headers["content-type"] == "application/json")
            let proxied = try await server.ask("GET", "/openapi.json", headers: [("X-Script-Name", "/api/x")])
            let servers = proxied.json?["servers"] as? [[String: String]]
            #expect(servers == [["url": "/api/x"]])
        }
    }

    @Test("docs are a page without foreign scripts; without Swagger UI it says what to run")
    func docs() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "swagger-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"] {
            try Data(name.utf8).write(to: folder.appending(path: name))
        }
        try await LiveServer.run(documents: pages(ui: SwaggerUI(folder: folder))) { server in
            let page = try await server.ask("GET", "/docs")
            #expect(page.status == 200)
            #expect(page.text.contains("<title>A &amp; &lt;B></title>"))
            #expect(!page.text.contains("://"))
            #expect(page.headers["content-security-policy"]?.contains("script-src 'self';") == true)
            #expect(page.headers["x-content-type-options"] == "nosniff")
            let style = try await server.ask("GET", "/docs/swagger-ui.css")
            #expect(style.text == "swagger-ui.css")
            #expect(try await server.ask("GET", "/docs/..%2Fsecret").status == 404)
            #expect(try await server.ask("GET", "/docs/start.js").text.contains("openapi.json"))
        }
        try await LiveServer.run(documents: pages()) { server in
            let page = try await server.ask("GET", "/docs")
            #expect(page.status == 503)
            #expect(page.text.contains("asterism doctor --install"))
        }
    }
}
