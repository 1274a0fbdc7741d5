import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// An error that a client is told, in the one of the shapes that Wazo's clients know.
package struct WebError: Error, HTTPResponseError, CustomStringConvertible {
    /// What the body says.
    package enum Content: Sendable {
        /// `{"message","error_id","details","timestamp","resource"}`.
        case api(APIProblem)
        /// `{"reason":[...],"timestamp":[...],"status_code":...}`, as the token service answers.
        case tokenService([String])
        /// `{"detail":"..."}`.
        case detail(String)
        /// `{"detail":[...]}`: what is wrong with which part of a request.
        case validation([ValidationProblem])
    }

    package var status: HTTPResponse.Status
    package var content: Content
    package var headers: HTTPFields = [:]

    package init(_ status: HTTPResponse.Status, _ content: Content, headers: HTTPFields = [:]) {
        self.status = status
        self.content = content
        self.headers = headers
    }

    /// An error in API style.
    /// - Parameters:
    ///   - id: stable and short, such as `no-such-call`.
    ///   - message: names the thing and the next step.
    ///   - resource: what it was about, such as `calls`.
    package static func api(
        _ status: HTTPResponse.Status,
        _ id: String,
        _ message: String,
        details: [String: any Encodable & Sendable] = [:],
        resource: String? = nil
    ) -> WebError {
        WebError(status, .api(APIProblem(message: message, id: id, details: details, resource: resource)))
    }

    /// An error in the style of the token service.
    package static func tokenService(_ status: HTTPResponse.Status, _ reason: String) -> WebError {
        WebError(status, .tokenService([reason]))
    }

    /// 422: parts of the request are missing or of the wrong kind.
    package static func validation(_ problems: ValidationProblem...) -> WebError {
        WebError(.unprocessableContent, .validation(problems))
    }

    package var description: String {
        switch content {
        case .api(let problem): "\(status.code) \(problem.message)"
        case .tokenService(let reasons): "\(status.code) \(reasons.joined(separator: ", "))"
        case .detail(let detail): "\(status.code) \(detail)"
        case .validation(let problems): "\(status.code) \(problems.map(\.message).joined(separator: ", "))"
        }
    }

    package func response(from request: Request, context: some RequestContext) throws -> Response {
        let body: ByteBuffer
        switch content {
        case .api(let problem): body = try JSONBody.encode(problem)
        case .tokenService(let reasons): body = try JSONBody.encode(TokenServiceBody(reasons, status.code))
        case .detail(let detail): body = try JSONBody.encode(["detail": detail])
        case .validation(let problems): body = try JSONBody.encode(["detail": problems])
        }
        var headers = headers
        headers[.contentType] = JSONBody.contentType
        headers[.contentLength] = String(body.readableBytes)
        return Response(status: status, headers: headers, body: .init(byteBuffer: body))
    }
}

/// An error in API style.
package struct APIProblem: Encodable, Sendable {
    package var message: String
    package var id: String
    package var details: [String: any Encodable & Sendable]
    package var resource: String?

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package func encode(to encoder: any Encoder) throws {
        var body = encoder.container(keyedBy: Key.self)
        try body.encode(message, forKey: Key(stringValue: "message"))
        try body.encode(id, forKey: Key(stringValue: "error_id"))
        try body.encode(Date().timeIntervalSince1970, forKey: Key(stringValue: "timestamp"))
        try body.encodeIfPresent(resource, forKey: Key(stringValue: "resource"))
        var details = body.nestedContainer(keyedBy: Key.self, forKey: Key(stringValue: "details"))
        for (name, value) in self.details { try details.encode(value, forKey: Key(stringValue: name)) }
    }
}

private struct TokenServiceBody: Encodable {
    var reason: [String]
    var timestamp: [Double]
    var status_code: Int

    init(_ reason: [String], _ status: Int) {
        self.reason = reason
        timestamp = [Date().timeIntervalSince1970]
        status_code = status
    }
}
