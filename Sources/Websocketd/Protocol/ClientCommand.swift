import ARI
import Foundation

/// What a client may say: one JSON object with an `op`.
package enum ClientCommand: Sendable, Hashable {
    /// Wants the events of a name; `*` is all.
    case subscribe(String)
    /// Wants events from now on.
    case start
    /// Goes on with another token.
    case token(String)
    case ping(String)

    /// - Throws: ``CloseReason/protocolError`` for anything else.
    package init(_ text: String) throws(CloseReason) {
        guard let frame = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)), let op = frame["op"]?.string
        else { throw .protocolError }
        func field(_ name: String) throws(CloseReason) -> String {
            guard let value = frame["data"]?[name]?.string else { throw .protocolError }
            return value
        }
        switch op {
        case "subscribe": self = .subscribe(try field("event_name"))
        case "start": self = .start
        case "token": self = .token(try field("token"))
        case "ping": self = .ping(try field("payload"))
        default: throw .protocolError
        }
    }
}
