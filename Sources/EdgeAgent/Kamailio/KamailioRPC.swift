import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Kamailio's JSON-RPC over HTTP: one request at a time, each bounded in time and size.
struct KamailioRPC: Sendable {
    /// The set of the dispatcher that holds the nodes.
    static let nodeSet = 1

    let url: String
    let secret: String
    var timeout: TimeAmount = .seconds(2)
    /// A table of 100,000 entries stays below it.
    var largestAnswer = 32 << 20
    var client: HTTPClient = .shared

    init(port: Int, secret: String) {
        self.url = "http://127.0.0.1:\(port)/RPC"
        self.secret = secret
    }

    /// Runs a command whose answer does not matter beyond success.
    func run(_ command: KamailioCommand) async throws(KamailioRPCError) {
        _ = try await send(command)
    }

    /// Whether Kamailio works at all, whatever it says.
    func isAnswering() async -> Bool {
        do {
            try await run(KamailioCommand("core.uptime"))
            return true
        } catch {
            if case .unreachable = error { return false }
            return true
        }
    }

    /// Runs a command and decodes its result.
    func query<Result: Decodable>(
        _ command: KamailioCommand,
        as type: Result.Type
    ) async throws(KamailioRPCError) -> Result {
        let body = try await send(command)
        do {
            return try JSONDecoder().decode(Answer<Result>.self, from: body).result
        } catch {
            throw .malformed(method: command.method, problem: "\(error)")
        }
    }

    private func send(_ command: KamailioCommand) async throws(KamailioRPCError) -> ByteBuffer {
        let body: ByteBuffer
        let status: Int
        do {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.headers.add(name: "X-Asterism-RPC", value: secret)
            request.body = .bytes(ByteBuffer(data: try JSONEncoder().encode(command)))
            let response = try await client.execute(request, timeout: timeout)
            status = Int(response.status.code)
            body = try await response.body.collect(upTo: largestAnswer)
        } catch {
            throw .unreachable("\(error)")
        }
        // Refusals come with a status of 4xx or 5xx and say why in their body.
        if let failure = try? JSONDecoder().decode(Failure.self, from: body) {
            throw .refused(method: command.method, code: failure.error.code, message: failure.error.message)
        }
        guard status == 200 else {
            throw .malformed(method: command.method, problem: "HTTP status \(status)")
        }
        return body
    }

    private struct Answer<Result: Decodable>: Decodable { var result: Result }

    private struct Failure: Decodable {
        struct Reason: Decodable {
            var code: Int
            var message: String
        }
        var error: Reason
    }
}
