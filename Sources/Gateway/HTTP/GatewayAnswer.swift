import ARI
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// A complete HTTP answer made by the gateway itself.
struct GatewayAnswer: Sendable {
    var status: HTTPResponseStatus
    var headers: HTTPHeaders = [:]
    var body: ByteBuffer = ByteBuffer()

    /// 204, as ARI answers commands.
    static let noContent = GatewayAnswer(status: .noContent)

    /// What ARI says to a body that is not the JSON it claims to be.
    static let badBody = error(.badRequest, "Error parsing request body")

    /// An error as ARI writes it.
    static func error(_ status: HTTPResponseStatus, _ message: String) -> GatewayAnswer {
        json(["message": message], status: status)
    }

    static func json(_ value: some Encodable, status: HTTPResponseStatus = .ok) -> GatewayAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else {
            return GatewayAnswer(status: .internalServerError)
        }
        return GatewayAnswer(
            status: status,
            headers: ["Content-Type": "application/json"],
            body: ByteBuffer(data: data)
        )
    }

    /// What ARI says to a request without valid credentials.
    static func unauthorized(realm: String) -> GatewayAnswer {
        var answer = error(.unauthorized, "Authentication required")
        answer.headers.add(name: "WWW-Authenticate", value: "Basic realm=\"\(realm)\"")
        return answer
    }

    /// A token that ended while it was being asked about.
    static let tokenExpired = error(.unauthorized, "The token has expired")

    init(status: HTTPResponseStatus, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Whether an answer is a page of Asterisk's HTTP server and not ARI's.
    static func isPage(_ status: HTTPResponseStatus, _ headers: HTTPHeaders) -> Bool {
        status.code >= 400 && headers.first(name: "Content-Type")?.hasPrefix("text/html") == true
    }

    /// What is said in place of such a page: ARI's clients read JSON.
    static func instead(ofPage status: HTTPResponseStatus, from node: String) -> GatewayAnswer {
        // ARI itself says in JSON that it has no such resource.
        status == .notFound
            ? error(.serviceUnavailable, "Node \(node) is starting; try again")
            : error(status, status.reasonPhrase)
    }

    /// A node's answer, passed on.
    init(_ answer: ARIClient.Answer, from node: String) {
        let status = HTTPResponseStatus(statusCode: answer.status)
        guard !Self.isPage(status, answer.headers) else {
            self = .instead(ofPage: status, from: node)
            return
        }
        self.init(status: status, body: answer.body)
        for name in ["Content-Type", "Location", "Cache-Control", "Allow"] {
            for value in answer.headers[name] { headers.add(name: name, value: value) }
        }
    }

    /// What the gateway says when a node did not answer it.
    init(_ error: ARIError) {
        switch error {
        case .refused(let status, let message, _):
            self = .error(HTTPResponseStatus(statusCode: status), message)
        case .unreachable, .unexpectedAnswer:
            self = .error(.serviceUnavailable, error.description)
        }
    }
}

/// A whole request, as the gateway's handlers get it.
struct GatewayRequest: Sendable {
    var head: HTTPRequestHead
    var body: ByteBuffer
    /// What it is called in logs and in its answer.
    var id: String
    /// Who sent it.
    var peer: SocketAddress?
    /// The event socket over which it came; nil for HTTP.
    var socket: EventSocket?
}
