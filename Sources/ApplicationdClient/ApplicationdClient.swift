import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// A client of applicationd: applications, their calls, and the nodes in which calls hear one another.
///
/// A cheap value: it holds an address and a token; connections belong to the shared `HTTPClient`.
public struct ApplicationdClient: Sendable, CustomStringConvertible {
    /// Without a path below it and without a slash at the end, such as `http://127.0.0.1:8000`.
    public let baseURL: String
    private let token: String?
    private let http: HTTPClient
    private let timeout: TimeAmount

    /// The largest answer taken.
    private static let maximumAnswer = 16 << 20

    /// - Parameters:
    ///   - baseURL: such as `http://127.0.0.1:8000`, or `https://fleet.example/api/applicationd` behind a proxy.
    ///   - token: of the auth service; nil for an applicationd that lets everybody in.
    ///   - timeout: bound on each request as a whole.
    public init(baseURL: String, token: String?, http: HTTPClient = .shared, timeout: TimeAmount = .seconds(15)) {
        self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        self.token = token
        self.http = http
        self.timeout = timeout
    }

    /// Without the token: clients end up in logs.
    public var description: String { "applicationd at \(baseURL)" }

    /// Whether the instance can serve.
    /// - Throws: ``ApplicationdError/unreachable(_:request:)``.
    public func isReady() async throws(ApplicationdError) -> Bool {
        try await send(.GET, ["status"]).status == 200
    }

    /// Registers an application; a name gives the same id always.
    public func register(_ name: String) async throws(ApplicationdError) -> ApplicationHandle {
        struct Registered: Decodable { var uuid: String }
        let registered = try await request(Registered.self, .POST, ["1.0", "applications", name])
        return application(registered.uuid)
    }

    /// A handle of an application that is registered, without asking.
    public func application(_ uuid: String) -> ApplicationHandle { ApplicationHandle(uuid: uuid, client: self) }

    struct Answer {
        var status: Int
        var body: ByteBuffer
    }

    /// Sends one request; anything but 2xx is an error.
    @discardableResult
    func request(
        _ method: HTTPMethod,
        _ path: [String],
        query: [(String, String)] = [],
        body: (any Encodable & Sendable)? = nil
    ) async throws(ApplicationdError) -> Answer {
        let answer = try await send(method, path, query: query, body: body)
        guard (200..<300).contains(answer.status) else {
            throw .refused(Refusal(answer), request: Self.line(method, path))
        }
        return answer
    }

    /// Sends one request and decodes what comes back.
    func request<Model: Decodable>(
        _ model: Model.Type,
        _ method: HTTPMethod,
        _ path: [String],
        query: [(String, String)] = [],
        body: (any Encodable & Sendable)? = nil
    ) async throws(ApplicationdError) -> Model {
        let answer = try await request(method, path, query: query, body: body)
        do {
            return try JSONDecoder().decode(Model.self, from: answer.body)
        } catch {
            throw .unexpectedAnswer("\(error)", request: Self.line(method, path))
        }
    }

    private func send(
        _ method: HTTPMethod,
        _ path: [String],
        query: [(String, String)] = [],
        body: (any Encodable & Sendable)? = nil
    ) async throws(ApplicationdError) -> Answer {
        var url = baseURL + path.map { "/" + Self.encode($0) }.joined()
        if !query.isEmpty {
            url += "?" + query.map { "\(Self.encode($0))=\(Self.encode($1))" }.joined(separator: "&")
        }
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers.add(name: "Accept", value: "application/json")
        if let token { request.headers.add(name: "X-Auth-Token", value: token) }
        do {
            if let body {
                request.headers.add(name: "Content-Type", value: "application/json")
                request.body = .bytes(ByteBuffer(data: try JSONEncoder().encode(body)))
            }
            let response = try await http.execute(request, timeout: timeout)
            let bytes = try await response.body.collect(upTo: Self.maximumAnswer)
            return Answer(status: Int(response.status.code), body: bytes)
        } catch {
            throw .unreachable("\(error)", request: Self.line(method, path))
        }
    }

    private static func line(_ method: HTTPMethod, _ path: [String]) -> String {
        "\(method) /\(path.joined(separator: "/"))"
    }

    private static func encode(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    )
}
