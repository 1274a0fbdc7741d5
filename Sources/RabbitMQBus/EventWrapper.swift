import Foundation
import NIOCore
import NIOFoundationCompat

/// The wrapped body. Made and undone by splicing bytes: an event passes through exactly as Asterisk wrote it.
struct EventWrapper {
    private let head: String
    private let tail: String

    init(name: String, application: String?) {
        head = "{\"name\":\(Self.quoted(name)),\"data\":"
        tail = application.map { ",\"application\":\(Self.quoted($0))}" } ?? "}"
    }

    func wrap(_ event: ByteBuffer) -> ByteBuffer {
        var body = ByteBuffer()
        body.reserveCapacity(head.utf8.count + event.readableBytes + tail.utf8.count)
        body.writeString(head)
        body.writeImmutableBuffer(event)
        body.writeString(tail)
        return body
    }

    /// The event in a body that ``wrap(_:)`` made, else nil.
    func unwrap(_ body: ByteBuffer) -> ByteBuffer? {
        let length = body.readableBytes - head.utf8.count - tail.utf8.count
        guard length >= 0,
            body.readableBytesView.starts(with: head.utf8),
            body.readableBytesView.suffix(tail.utf8.count).elementsEqual(tail.utf8)
        else { return nil }
        return body.getSlice(at: body.readerIndex + head.utf8.count, length: length)
    }

    /// The `data` of a body that somebody else wrapped, written anew, else nil.
    static func dataOfForeign(_ body: ByteBuffer) -> ByteBuffer? {
        guard let object = try? JSONSerialization.jsonObject(with: Data(buffer: body)) as? [String: Any],
            let data = object["data"] as? [String: Any],
            let bytes = try? JSONSerialization.data(withJSONObject: data, options: .withoutEscapingSlashes)
        else { return nil }
        return ByteBuffer(data: bytes)
    }

    /// What a foreign event calls itself: `name` when wrapped, `type` for ARI, `Event` for the manager interface.
    static func nameOfForeign(_ body: ByteBuffer) -> String? {
        guard let object = try? JSONSerialization.jsonObject(with: Data(buffer: body)) as? [String: Any] else {
            return nil
        }
        return ["type", "Event", "name"].lazy.compactMap { object[$0] as? String }.first
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
