import ARI
import Foundation

/// Events as Asterisk writes them.
enum EventFixtures {
    static func channel(_ id: String, state: String = "Up", application: String? = nil) -> JSONValue {
        var dialplan: JSONValue = ["context": "default", "exten": "7001", "priority": 1]
        if let application {
            dialplan["app_name"] = "Stasis"
            dialplan["app_data"] = .string(application)
        }
        return [
            "id": .string(id), "name": .string("PJSIP/edge-\(id)"), "state": .string(state),
            "caller": ["name": "Ada", "number": "100"], "connected": ["name": "", "number": ""],
            "dialplan": dialplan, "creationtime": "2026-01-01T00:00:00.000+0000",
        ]
    }

    static func json(_ type: String, _ members: [String: JSONValue] = [:]) -> JSONValue {
        .object(members.merging(["type": .string(type), "application": "app"]) { member, _ in member })
    }

    static func event(_ type: String, _ members: [String: JSONValue] = [:]) throws -> Event {
        try decode(json(type, members))
    }

    static func event(_ type: String, channel id: String) throws -> Event {
        try event(type, ["channel": channel(id)])
    }

    static func decode<Model: Decodable>(_ json: JSONValue) throws -> Model {
        try JSONDecoder().decode(Model.self, from: JSONEncoder().encode(json))
    }
}
