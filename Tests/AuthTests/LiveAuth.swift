import AsyncHTTPClient
import EventBus
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Registry
import Telemetry

@testable import Auth

/// An auth service on a free port of this host, for as long as a test asks it.
struct LiveAuth: Sendable {
    /// Few rounds: what is tested is not how slow they are.
    static let rounds = 1000
    static let password = "a password of the tests"

    let port: Int
    /// What it told whoever started it.
    let told: [String]
    let bus: EmbeddedBus

    static func run(
        _ database: AuthDatabase,
        bus: EmbeddedBus = EmbeddedBus(),
        _ change: (inout AuthSettings) -> Void = { _ in },
        _ test: @Sendable @escaping (LiveAuth) async throws -> Void
    ) async throws {
        var settings = AuthSettings(
            name: "auth-test",
            address: HostPort(host: "127.0.0.1", port: 0),
            database: database
        )
        settings.passwordRounds = rounds
        settings.adminPassword = password
        change(&settings)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let told = LinesBox()
        let service = AuthService(
            settings: settings,
            bus: bus,
            health: Health(role: "auth", name: "auth-test"),
            documents: nil,
            metrics: PrometheusMetrics(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            tell: { told.add($0) },
            onListening: { port.yield($0) }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            group.addTask {
                for await bound in ports {
                    try await test(LiveAuth(port: bound, told: told.lines, bus: bus))
                    break
                }
            }
            // Whichever ends first: the test, or a service that could not start.
            try await group.next()
            group.cancelAll()
        }
    }

    struct Answer: Sendable {
        var status: Int
        var headers: [String: String]
        var text: String

        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
        }
        /// The token that a login gave.
        var token: String { data["token"] as? String ?? "" }
        var data: [String: Any] { json["data"] as? [String: Any] ?? [:] }
        /// What `items` of a list have in a field.
        func items(_ field: String) -> [String] {
            (json["items"] as? [[String: Any]] ?? []).compactMap { $0[field] as? String }
        }
    }

    func ask(
        _ method: String = "GET",
        _ path: String,
        token: String? = nil,
        headers: [(String, String)] = [],
        body: String? = nil,
        prefix: String = "/0.1"
    ) async throws -> Answer {
        try await ask(
            method,
            path,
            token: token,
            headers: headers,
            bytes: body.map { ByteBuffer(string: $0) },
            prefix: prefix
        )
    }

    func ask(
        _ method: String,
        _ path: String,
        token: String? = nil,
        headers: [(String, String)] = [],
        bytes: ByteBuffer?,
        prefix: String = "/0.1"
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(prefix)\(path)")
        request.method = .RAW(value: method)
        if let token { request.headers.add(name: "X-Auth-Token", value: token) }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let bytes { request.body = .bytes(bytes) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let text = String(buffer: try await response.body.collect(upTo: 8 << 20))
        let fields = response.headers.map { ($0.name.lowercased(), $0.value) }
        return Answer(
            status: Int(response.status.code),
            headers: Dictionary(fields) { first, _ in first },
            text: text
        )
    }

    static func basic(_ name: String, _ password: String) -> (String, String) {
        ("Authorization", "Basic " + Data("\(name):\(password)".utf8).base64EncodedString())
    }

    func login(
        _ name: String = "admin",
        _ password: String = LiveAuth.password,
        body: String = "{}",
        headers: [(String, String)] = []
    ) async throws -> Answer {
        try await ask("POST", "/token", headers: [Self.basic(name, password)] + headers, body: body)
    }

    /// The first admin's token.
    func admin() async throws -> String { try await login().token }

    /// Makes a user with a policy of his own.
    /// - Returns: the user's uuid.
    func makeUser(
        _ name: String,
        acl: [String] = [],
        purpose: String = "user",
        tenant: String? = nil,
        by admin: String
    ) async throws -> String {
        let headers = tenant.map { [("Wazo-Tenant", $0)] } ?? []
        let body = #"{"username":"\#(name)","password":"\#(name)-password","purpose":"\#(purpose)"}"#
        let user = try await ask("POST", "/users", token: admin, headers: headers, body: body)
        let uuid = user.json["uuid"] as? String ?? ""
        guard !acl.isEmpty else { return uuid }
        let list = acl.map { "\"\($0)\"" }.joined(separator: ",")
        let policy = try await ask(
            "POST",
            "/policies",
            token: admin,
            headers: headers,
            body: #"{"name":"of \#(name)","acl":[\#(list)]}"#
        )
        let policyID = policy.json["uuid"] as? String ?? ""
        _ = try await ask("PUT", "/users/\(uuid)/policies/\(policyID)", token: admin)
        return uuid
    }
}
