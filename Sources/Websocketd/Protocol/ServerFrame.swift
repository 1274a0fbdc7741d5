import ARI
import Foundation

/// What the daemon says, as text: `{"op","code","data"}`. The code is always 0.
package enum ServerFrame {
    /// The first frame: the version that was agreed on.
    package static func hello(_ version: ProtocolVersion) -> String {
        text("init", .object(["version": .integer(version.rawValue)]))
    }

    package static let subscribed = text("subscribe")
    package static let started = text("start")
    package static let tokenTaken = text("token")

    package static func pong(_ payload: String) -> String { text("pong", .object(["payload": .string(payload)])) }

    /// The two pieces around the body of an event, in version 2.
    package static let eventOpening = #"{"op": "event", "code": 0, "data": "#
    package static let eventClosing = "}"

    private static func text(_ op: String, _ data: JSONValue = .null) -> String {
        #"{"op": "\#(op)", "code": 0, "data": \#(encoded(data))}"#
    }

    private static func encoded(_ data: JSONValue) -> String {
        // Text, numbers and null always encode.
        (try? JSONEncoder().encode(data)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}
