import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// A client of one ARI endpoint: an Asterisk, or a gateway that stands for a fleet of them.
///
/// A cheap value: it holds an address and credentials; connections belong to the shared `HTTPClient`.
public struct ARIClient: Sendable, CustomStringConvertible {
    /// Up to and including `/ari`, without a slash at the end.
    public let baseURL: String
    /// The user, for logs.
    public let user: String
    let authorization: String
    private let http: HTTPClient
    private let timeout: TimeAmount

    /// - Parameters:
    ///   - baseURL: such as `http://127.0.0.1:8088/ari`.
    ///   - timeout: bound on each request as a whole.
    public init(
        baseURL: String,
        user: String,
        password: String,
        http: HTTPClient = .shared,
        timeout: TimeAmount = .seconds(10)
    ) {
        self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        self.user = user
        authorization = "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
        self.http = http
        self.timeout = timeout
    }

    /// Without the password: clients end up in logs.
    public var description: String { "ARI at \(baseURL) as \(user)" }

    /// The answer to a request whatever its status.
    public struct Answer: Sendable {
        /// The HTTP status.
        public var status: Int
        /// The HTTP headers.
        public var headers: HTTPHeaders
        /// The body, complete.
        public var body: ByteBuffer
    }

    /// Sends one request and returns the answer, errors of ARI included.
    /// - Parameters:
    ///   - path: segments below `/ari`; each is percent-encoded, a slash inside one too.
    ///   - query: left out where the value is nil.
    ///   - headers: added to authentication and content type.
    /// - Throws: ``ARIError/unreachable(_:request:)``.
    public func send(
        _ method: HTTPMethod,
        _ path: [String],
        query: [(String, String?)] = [],
        body: JSONValue? = nil,
        headers: HTTPHeaders = [:]
    ) async throws(ARIError) -> Answer {
        let target = Self.target(path, query: query)
        var headers = headers
        var bytes = ByteBuffer()
        if let body {
            do {
                bytes = ByteBuffer(data: try JSONEncoder().encode(body))
            } catch {
                throw .unexpectedAnswer("the body is not JSON: \(error)", request: "\(method) \(target)")
            }
            headers.replaceOrAdd(name: "Content-Type", value: "application/json")
        }
        return try await forward(method, target: target, headers: headers, body: bytes)
    }

    /// Sends a request that is already encoded.
    /// - Parameter target: path and query below `/ari`, beginning with a slash.
    /// - Throws: ``ARIError/unreachable(_:request:)``.
    public func forward(
        _ method: HTTPMethod,
        target: String,
        headers: HTTPHeaders = [:],
        body: ByteBuffer = ByteBuffer()
    ) async throws(ARIError) -> Answer {
        var request = HTTPClientRequest(url: baseURL + target)
        request.method = method
        request.headers = headers
        request.headers.replaceOrAdd(name: "Authorization", value: authorization)
        if body.readableBytes > 0 { request.body = .bytes(body) }
        do {
            let response = try await http.execute(request, timeout: timeout)
            let bytes = try await response.body.collect(upTo: Self.maxAnswerSize)
            return Answer(status: Int(response.status.code), headers: response.headers, body: bytes)
        } catch {
            throw .unreachable("\(error)", request: "\(method) \(target)")
        }
    }

    /// The largest answer taken; a stored recording may be some megabytes.
    private static let maxAnswerSize = 64 << 20

    /// Sends one request; anything but 2xx is an error.
    @discardableResult
    public func request(
        _ method: HTTPMethod,
        _ path: [String],
        query: [(String, String?)] = [],
        body: JSONValue? = nil
    ) async throws(ARIError) -> Answer {
        let answer = try await send(method, path, query: query, body: body)
        guard (200..<300).contains(answer.status) else {
            throw .refused(
                status: answer.status,
                message: Self.message(of: answer.body),
                request: "\(method) \(Self.target(path))"
            )
        }
        return answer
    }

    /// Sends one request and decodes what comes back.
    public func request<Model: Decodable>(
        _ model: Model.Type,
        _ method: HTTPMethod,
        _ path: [String],
        query: [(String, String?)] = [],
        body: JSONValue? = nil
    ) async throws(ARIError) -> Model {
        let answer = try await request(method, path, query: query, body: body)
        do {
            return try JSONDecoder().decode(Model.self, from: answer.body)
        } catch {
            throw .unexpectedAnswer("\(error)", request: "\(method) \(Self.target(path))")
        }
    }

    /// The request target below the base URL.
    static func target(_ path: [String], query: [(String, String?)] = []) -> String {
        var target = path.map { "/" + encode($0) }.joined()
        var separator = "?"
        for case (let name, let value?) in query {
            target += "\(separator)\(encode(name))=\(encode(value))"
            separator = "&"
        }
        return target
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters, so that an id may hold any of them.
    static func encode(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? text
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    )

    /// ARI puts the reason in `message`, a few operations in `error`.
    private static func message(of body: ByteBuffer) -> String {
        let json = try? JSONDecoder().decode(JSONValue.self, from: body)
        return json?["message"]?.string ?? json?["error"]?.string ?? String(buffer: body)
    }
}
