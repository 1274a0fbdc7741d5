import ARI
import EventBus
import Foundation
import NIOCore
import NIOFoundationCompat

/// ARI's models as Asterisk writes them, and what is read of announced events.
enum Fixtures {
    /// The application of the demonstration.
    static let application = "f8e03926-9ddd-5da5-95ed-1c2afda82be0"

    static func channel(
        _ id: String,
        name: String? = nil,
        state: String = "Ring",
        stasis: [String]? = nil
    ) -> JSONValue {
        var dialplan: JSONValue = ["context": "default", "exten": "6001", "priority": 1]
        if let stasis {
            dialplan["app_name"] = "Stasis"
            dialplan["app_data"] = .string(stasis.joined(separator: ","))
        }
        return [
            "id": .string(id), "name": .string(name ?? "PJSIP/edge-\(id)"), "state": .string(state),
            "caller": ["name": "Ada", "number": "100"], "connected": ["name": "", "number": ""],
            "dialplan": dialplan, "creationtime": "2026-01-02T03:04:05.678+0000",
        ]
    }

    static func bridge(_ id: String, name: String, _ channels: [String]) -> JSONValue {
        [
            "id": .string(id), "technology": "simple_bridge", "bridge_type": "mixing", "bridge_class": "stasis",
            "creator": "Stasis", "name": .string(name), "channels": .array(channels.map { .string($0) }),
            "creationtime": "2026-01-02T03:04:05.678+0000",
        ]
    }

    static func playback(_ id: String, _ uri: String, channel: String, state: String) -> JSONValue {
        [
            "id": .string(id), "media_uri": .string(uri), "target_uri": .string("channel:\(channel)"),
            "language": "en", "state": .string(state),
        ]
    }

    /// An event for ``application``.
    static func event(_ type: String, _ members: [String: JSONValue]) throws -> Event {
        let json = JSONValue.object(
            members.merging(["type": .string(type), "application": .string(application)]) { $1 }
        )
        return try model(Event.self, json)
    }

    static func model<Model: Decodable>(_ model: Model.Type, _ json: JSONValue) throws -> Model {
        try JSONDecoder().decode(model, from: JSONEncoder().encode(json))
    }

    static func body(of event: ServiceEvent) -> JSONValue {
        (try? JSONDecoder().decode(JSONValue.self, from: event.body)) ?? .null
    }
}
