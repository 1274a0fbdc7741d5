import Foundation

/// The answer to a probe: what ``StatusServer`` serves, and the gateway on its own port as well.
package struct StatusAnswer: Sendable, Hashable {
    /// The HTTP status.
    package var code: Int
    package var contentType: String
    package var body: String

    /// The answer to a path.
    /// - Parameter metrics: nil where metrics must not be shown.
    /// - Returns: nil when the path is none of `/status`, `/status/live` and `/metrics`.
    package init?(path: String, health: Health, metrics: PrometheusMetrics?) {
        switch path {
        case "/status":
            let status = health.status
            self.init(code: status.ready ? 200 : 503, json: status)
        case "/status/live":
            let status = health.status
            self.init(code: status.healthy ? 200 : 503, json: status)
        case "/metrics":
            guard let metrics else { return nil }
            self.init(code: 200, contentType: Exposition.contentType, body: metrics.text())
        default: return nil
        }
    }

    /// An error in the words of the rest of the system.
    static func error(_ code: Int, _ message: String) -> StatusAnswer {
        StatusAnswer(code: code, json: ["message": message])
    }

    private init(code: Int, json value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Text and flags always encode.
        let body = (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? "{}"
        self.init(code: code, contentType: "application/json", body: body)
    }

    private init(code: Int, contentType: String, body: String) {
        self.code = code
        self.contentType = contentType
        self.body = body
    }
}
