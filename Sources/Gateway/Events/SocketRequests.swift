import ARI
import Fleet
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// ARI requests that come over an event socket (`RESTRequest`, Asterisk 22.5). One at a time and in order, as on one Asterisk.
final class SocketRequests: Sendable {
    /// Requests that may wait for those before them; a client that sends more is cut off.
    static let backlog = 256
    /// Bytes of one message, as many as Asterisk takes.
    static let maxMessageSize = 65_535

    private let waiting: AsyncStream<ByteBuffer>.Continuation
    private let work: Task<Void, Never>

    /// - Parameters:
    ///   - socket: takes the answers.
    ///   - opener: the request that opened the socket, whose credentials count for all that come over it.
    init(
        socket: EventSocket,
        opener: HTTPRequestHead,
        peer: SocketAddress?,
        dispatcher: RequestDispatcher
    ) {
        let (requests, waiting) = AsyncStream.makeStream(
            of: ByteBuffer.self,
            bufferingPolicy: .bufferingOldest(Self.backlog)
        )
        self.waiting = waiting
        work = Task {
            for await text in requests {
                let answer = await Self.answer(to: text, opener, peer, of: socket, by: dispatcher)
                socket.send(EventText.encode(answer.json(for: socket.applications.first ?? "")))
            }
        }
    }

    /// Takes one message.
    /// - Returns: false when too many are waiting.
    func take(_ text: ByteBuffer) -> Bool {
        if case .dropped = waiting.yield(text) { return false }
        return true
    }

    /// The socket has closed: what is being done is finished, and nothing more is begun.
    func stop() {
        waiting.finish()
        work.cancel()
    }

    private static func answer(
        to text: ByteBuffer,
        _ opener: HTTPRequestHead,
        _ peer: SocketAddress?,
        of socket: EventSocket,
        by dispatcher: RequestDispatcher
    ) async -> RESTResponse {
        guard let request = try? JSONDecoder().decode(RESTRequest.self, from: text) else {
            return RESTResponse(RESTRequest(), .error(.badRequest, "Failed to parse request message JSON"))
        }
        if let refusal = request.refusal { return RESTResponse(request, refusal) }
        var asked = request.gatewayRequest(opener: opener, peer: peer)
        asked.socket = socket
        // A client that hangs up does not stop what it asked for.
        return await Task { [asked] in RESTResponse(request, await dispatcher.answer(asked)) }.value
    }
}

/// A request as clients write it (model `RESTRequest`).
private struct RESTRequest: Decodable, Sendable {
    struct Parameter: Decodable, Sendable {
        var name: String
        var value: String
    }

    var type = ""
    var transactionID = ""
    var requestID = ""
    var method = ""
    /// Below `/ari/`, without a slash in front.
    var uri = ""
    var parameters: [Parameter] = []
    var contentType: String?
    var body: String?

    enum CodingKeys: String, CodingKey {
        case type, method, uri
        case transactionID = "transaction_id"
        case requestID = "request_id"
        case parameters = "query_strings"
        case contentType = "content_type"
        case body = "message_body"
    }

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        /// What is missing, or is no text, is empty.
        func text(_ key: CodingKeys) -> String { (try? container.decodeIfPresent(String.self, forKey: key)) ?? "" }
        type = text(.type)
        transactionID = text(.transactionID)
        requestID = text(.requestID)
        method = text(.method)
        uri = text(.uri)
        parameters = try container.decodeIfPresent([Parameter].self, forKey: .parameters) ?? []
        contentType = try container.decodeIfPresent(String.self, forKey: .contentType)
        body = try container.decodeIfPresent(String.self, forKey: .body)
    }

    var path: Substring { uri.prefix { $0 != "?" } }

    /// What is wrong with it before anybody is asked.
    var refusal: GatewayAnswer? {
        guard type == "RESTRequest" else { return .error(.badRequest, "Unsupported request type '\(type)'") }
        guard !method.isEmpty else { return .error(.badRequest, "Missing 'method'") }
        guard !uri.isEmpty else { return .error(.badRequest, "Missing 'uri'") }
        if path == "events" { return .error(.badRequest, "Can't upgrade to websocket from a websocket") }
        if path.hasPrefix("recordings/stored/"), path.hasSuffix("/file") {
            return .error(.notAcceptable, "Unsupported response format. Use HTTP GET")
        }
        return nil
    }

    func gatewayRequest(opener: HTTPRequestHead, peer: SocketAddress?) -> GatewayRequest {
        var target = "\(RequestDispatcher.prefix)/\(uri)"
        let key = ARIRequest(method: "GET", target: opener.uri, prefix: RequestDispatcher.prefix)?.query["api_key"]
        for (name, value) in parameters.map({ ($0.name, $0.value) }) + (key.map { [("api_key", $0)] } ?? []) {
            let pair = [name, value].map { $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }
            target += (target.contains("?") ? "&" : "?") + pair.joined(separator: "=")
        }
        var head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: target)
        for name in ["Authorization", "X-Auth-Token", "X-Forwarded-For", "Host"] {
            for value in opener.headers[name] { head.headers.add(name: name, value: value) }
        }
        if let contentType { head.headers.add(name: "Content-Type", value: contentType) }
        let bytes = body.map { ByteBuffer(string: $0) } ?? ByteBuffer()
        return GatewayRequest(head: head, body: bytes, id: requestID, peer: peer)
    }
}

/// What became of such a request.
private struct RESTResponse: Sendable {
    let request: RESTRequest
    let answer: GatewayAnswer

    init(_ request: RESTRequest, _ answer: GatewayAnswer) {
        self.request = request
        self.answer = answer
    }

    /// The model `RESTResponse`.
    /// - Parameter application: the first of the socket's.
    func json(for application: String) -> JSONValue {
        var json: JSONValue = [
            "type": "RESTResponse", "transaction_id": .string(request.transactionID),
            "request_id": .string(request.requestID), "status_code": .integer(Int(answer.status.code)),
            "reason_phrase": .string(answer.status.reasonPhrase), "uri": .string(String(request.path)),
            "application": .string(application), "timestamp": .string(EventText.timestamp()),
            "asterisk_id": .string(FleetIdentity.id),
        ]
        guard answer.body.readableBytes > 0 else { return json }
        json["content_type"] = .string(answer.headers.first(name: "Content-Type") ?? "application/json")
        json["message_body"] = .string(String(buffer: answer.body))
        return json
    }
}
