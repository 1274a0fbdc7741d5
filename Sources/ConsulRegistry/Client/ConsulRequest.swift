import NIOCore
import NIOHTTP1

/// One request to Consul's HTTP API.
struct ConsulRequest: Sendable {
    var method = HTTPMethod.GET
    /// Unescaped, below `/v1/`.
    var path: String
    /// Parameters; those without a value are flags.
    var query: [(name: String, value: String?)] = []
    var body: ByteBuffer?
    /// How long it may take; nil for the ordinary limit.
    var timeout: Duration?
    /// Whether it may be sent again when it is not known whether Consul got it.
    var isRepeatable = true
    /// Whether it waits for a change, and is given up when its agent fails elsewhere.
    var waits = false

    /// The request's target as it goes on the wire.
    var target: String {
        var text = "/v1/" + Self.escape(path)
        var separator = "?"
        for (name, value) in query {
            text += separator + name + (value.map { "=" + Self.escape($0) } ?? "")
            separator = "&"
        }
        return text
    }

    /// How messages name it.
    var description: String { "\(method.rawValue) /v1/\(path)" }

    /// Percent-encodes all but the unreserved characters of RFC 3986 and slashes, which are part of Consul's keys and ids.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                escaped += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
            }
        }
        return escaped
    }
}

/// What Consul answered.
struct ConsulAnswer: Sendable {
    var status: Int
    /// `X-Consul-Index`.
    var index: UInt64?
    var body: ByteBuffer

    /// The beginning of the body, for messages.
    var text: String {
        String(String(buffer: body).prefix(300)).split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

extension Duration {
    /// As Consul writes durations, in whole milliseconds.
    var inConsul: String {
        "\(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)ms"
    }
}
