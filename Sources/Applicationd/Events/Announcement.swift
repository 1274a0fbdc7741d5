import ARI
import EventBus
import Foundation
import NIOCore
import NIOFoundationCompat

/// Something that happened in an application, before it is an event of the bus.
struct Announcement: Sendable, Hashable {
    /// Who of a tenant may see it.
    enum Audience: Sendable, Hashable {
        case everyone
        /// The user of a call; nobody but administrators where the call has none.
        case user(String?)
    }

    var name: String
    var application: String
    /// What follows `applications.<uuid>.` in the routing key.
    var key: String
    var audience: Audience
    /// Besides `application_uuid`.
    var data: [String: JSONValue]

    /// The event as wazo-bus shapes it. `application_uuid` and `call` are under `data`, where clients of wazo-calld and the first
    /// generation of clients look for them, and at the top as well, where programs of the first generation look that use a newer
    /// client.
    /// - Parameters:
    ///   - origin: the id of this installation.
    ///   - tenant: to which the application belongs.
    ///   - timestamp: ISO 8601.
    func event(origin: String, tenant: String?, timestamp: String) -> ServiceEvent {
        let routingKey = "applications.\(application).\(key)"
        var headers: [String: ServiceEvent.Header] = [
            "name": .text(name),
            "origin_uuid": .text(origin),
            "timestamp": .text(timestamp),
            "required_access": .text("event.\(name)"),
            "required_acl": .text("events.\(routingKey)"),
            "application_uuid": .text(application),
        ]
        if let tenant { headers["tenant_uuid"] = .text(tenant) }
        switch audience {
        case .everyone: headers["user_uuid:*"] = .flag(true)
        case .user(let user?): headers["user_uuid:\(user)"] = .flag(true)
        case .user(nil): break
        }
        var body = headers.mapValues(\.json)
        body["data"] = .object(data.merging(["application_uuid": .string(application)]) { own, _ in own })
        body["call"] = data["call"]
        return ServiceEvent(routingKey: routingKey, headers: headers, body: JSONText.encode(body))
    }

    /// A word of a routing key made of what clients chose, as wazo-bus escapes it.
    static func escaped(_ word: String) -> String {
        word.replacingOccurrences(of: ".", with: "__DOT__")
            .replacingOccurrences(of: "#", with: "__HASH__")
            .replacingOccurrences(of: "*", with: "__STAR__")
    }
}

extension ServiceEvent.Header {
    /// As a member of the body.
    fileprivate var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .flag(let flag): .bool(flag)
        case .null: .null
        }
    }
}

/// JSON in and out of buffers.
enum JSONText {
    static func encode(_ value: some Encodable) -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Models of text, numbers and flags always encode.
        return (try? encoder.encode(value)).map { ByteBuffer(data: $0) } ?? ByteBuffer()
    }

    static func decode<Model: Decodable>(_ model: Model.Type, from buffer: ByteBuffer) -> Model? {
        try? JSONDecoder().decode(model, from: buffer)
    }

    /// A model as a value, to be put into another.
    static func value(_ model: some Encodable) -> JSONValue { decode(JSONValue.self, from: encode(model)) ?? .null }

    /// A value as a model.
    static func model<Model: Decodable>(_ model: Model.Type, from value: JSONValue?) -> Model? {
        value.flatMap { decode(model, from: encode($0)) }
    }
}
