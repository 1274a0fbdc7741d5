import ARI
import Fleet
import Foundation
import NIOCore
import NIOFoundationCompat

/// Builds the JSON that clients of events read.
enum EventText {
    /// ISO 8601 with milliseconds and zone, as Asterisk writes timestamps.
    static func timestamp(_ date: Date = Date()) -> String {
        date.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
            .replacingOccurrences(of: "Z", with: "") + "+0000"
    }

    static func encode(_ value: some Encodable) -> ByteBuffer {
        (try? JSONEncoder().encode(value)).map { ByteBuffer(data: $0) } ?? ByteBuffer()
    }

    /// What the socket that held an application is told when another takes it over.
    static func applicationReplaced(_ application: String, entityID: String) -> ByteBuffer {
        encode([
            "type": "ApplicationReplaced", "application": application, "timestamp": timestamp(),
            "asterisk_id": entityID,
        ])
    }

    /// A model as a JSON value, to be put into another.
    static func json(_ value: any Encodable) -> JSONValue {
        guard let data = try? JSONEncoder().encode(value) else { return .null }
        return (try? JSONDecoder().decode(JSONValue.self, from: data)) ?? .null
    }

    /// An event with another member, everything else as Asterisk wrote it.
    static func replacing(_ member: String, by value: JSONValue, in event: ByteBuffer) -> ByteBuffer {
        guard var json = try? JSONDecoder().decode(JSONValue.self, from: event) else { return event }
        json[member] = value
        return encode(json)
    }

    /// An event with another `bridge`, everything else as Asterisk wrote it.
    static func replacing(bridge: Bridge, in event: ByteBuffer) -> ByteBuffer {
        guard var json = try? JSONDecoder().decode(JSONValue.self, from: event) else { return event }
        guard case .object(let new) = Self.json(bridge), let old = json["bridge"]?.object else { return event }
        json["bridge"] = .object(old.merging(new) { _, new in new })
        return encode(json)
    }
}
