import Foundation

/// What websocketd says, as far as the demo heeds it (version 2 of its protocol).
enum Frame: Decodable {
    case initial
    case started
    case callCreated(Created)
    case other

    /// A call that entered the application.
    struct Created: Decodable {
        struct Call: Decodable { var id: String }
        var application_uuid: String
        var call: Call
    }

    static let start = #"{"op":"start"}"#

    static func subscribe(_ event: String) -> String { #"{"op":"subscribe","data":{"event_name":"\#(event)"}}"# }

    private struct Event: Decodable {
        var name: String
        var data: Created
    }

    private enum Key: CodingKey { case op, data }

    init(from decoder: any Decoder) throws {
        let frame = try decoder.container(keyedBy: Key.self)
        switch try frame.decode(String.self, forKey: .op) {
        case "init": self = .initial
        case "start": self = .started
        case "event":
            // Other events have other data.
            let event = try? frame.decode(Event.self, forKey: .data)
            self = event.map { $0.name == "user_outgoing_call_created" ? .callCreated($0.data) : .other } ?? .other
        default: self = .other
        }
    }
}
