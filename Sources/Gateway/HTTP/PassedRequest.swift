import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Registry
import Telemetry

/// A client's request on its way to another gateway, with the client's own credentials.
struct PassedRequest: Sendable {
    /// Names the gateway that passed a request on; such a request is not passed on again.
    static let forwardedHeader = "X-Asterism-Forwarded"
    private static let timeout = TimeAmount.seconds(30)
    /// The largest answer taken.
    private static let maxAnswerSize = 16 << 20

    private var request: HTTPClientRequest

    /// - Parameter own: the name of the gateway that passes it on.
    init(_ request: GatewayRequest, to gateway: GatewayRecord, from own: String) {
        var onward = HTTPClientRequest(url: "http://\(gateway.address)\(request.head.uri)")
        onward.method = request.head.method
        onward.headers = request.head.headers
        for name in ["Connection", "Transfer-Encoding", "Content-Length", "Expect", "Upgrade", "Keep-Alive"] {
            onward.headers.remove(name: name)
        }
        onward.headers.replaceOrAdd(name: RequestID.header, value: request.id)
        onward.headers.replaceOrAdd(name: Self.forwardedHeader, value: own)
        if request.body.readableBytes > 0 { onward.body = .bytes(request.body) }
        self.request = onward
    }

    /// - Parameter refusal: a header that marks an answer as none.
    /// - Returns: nil when the gateway did not answer.
    func send(unless refusal: String? = nil) async -> GatewayAnswer? {
        guard let response = try? await HTTPClient.shared.execute(request, timeout: Self.timeout),
            refusal.map(response.headers.contains(name:)) != true,
            let body = try? await response.body.collect(upTo: Self.maxAnswerSize)
        else { return nil }
        var answer = GatewayAnswer(status: response.status, body: body)
        for name in ["Content-Type", "Location", "Cache-Control", "Allow", "WWW-Authenticate"] {
            for value in response.headers[name] { answer.headers.add(name: name, value: value) }
        }
        return answer
    }
}
