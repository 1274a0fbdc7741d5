import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// A token of the auth service.
enum Token {
    private struct Answer: Decodable {
        struct Token: Decodable { var token: String }
        var data: Token
    }

    /// Asks for one that lasts an hour.
    static func take(host: String, port: Int, user: String, password: String) async throws -> String {
        var request = HTTPClientRequest(url: "http://\(host):\(port)/0.1/token")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.setBasicAuth(username: user, password: password)
        request.body = .bytes(ByteBuffer(string: #"{"expiration":3600}"#))
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        let body = try await answer.body.collect(upTo: 1 << 20)
        guard answer.status == .ok else { throw Refused(status: Int(answer.status.code), body: String(buffer: body)) }
        return try JSONDecoder().decode(Answer.self, from: body).data.token
    }

    struct Refused: Error, CustomStringConvertible {
        var status: Int
        var body: String
        var description: String { "auth gave no token: \(status) \(body)" }
    }
}
