import NIOCore

/// One call on a simulated Asterisk.
struct SimulatedChannel: Sendable {
    /// When every simulated Asterisk was started, by the ids of its channels.
    private static let epoch = 1_767_225_600
    static let timestamp = "2026-01-01T00:00:00.000+0000"

    /// Counted from 1 on its node.
    let number: Int
    /// The application it is in.
    var application: String?
    /// Events told of it that carry a mark.
    var told = 0
    /// The bridge it is in.
    var bridge: String?

    static func id(_ number: Int, on node: SimulatedNode) -> String { "\(node.name)-\(epoch).\(number)" }

    /// The number in an id of this node.
    static func number(of id: some StringProtocol, on node: SimulatedNode) -> Int? {
        let prefix = "\(node.name)-\(epoch)."
        return id.hasPrefix(prefix) ? Int(id.dropFirst(prefix.count)) : nil
    }
}

extension ByteBuffer {
    /// Writes a channel as Asterisk does.
    mutating func write(_ channel: SimulatedChannel, on node: SimulatedNode, mark: EventMark? = nil) {
        let serial = String(channel.number, radix: 16)
        writeString("{\"id\":\"")
        writeString(SimulatedChannel.id(channel.number, on: node))
        writeString("\",\"name\":\"PJSIP/edge-")
        writeString(String(repeating: "0", count: max(0, 8 - serial.count)) + serial)
        writeString("\",\"state\":\"Up\",\"protocol_id\":\"6f1c2a84-0b1d-4c2e-9d58-")
        writeString(String(1_000_000_000_000 + node.index * 1_000_000 + channel.number))
        writeString("\",\"caller\":{\"name\":\"\",\"number\":\"demo\"},\"connected\":{\"name\":\"\",\"number\":\"\"}")
        writeString(",\"accountcode\":\"\",\"dialplan\":{\"context\":\"default\",\"exten\":\"8001\",\"priority\":2")
        if let application = channel.application {
            writeString(",\"app_name\":\"Stasis\",\"app_data\":\"")
            writeString(application)
            writeString("\"}")
        } else {
            writeString(",\"app_name\":\"Wait\",\"app_data\":\"3600\"}")
        }
        writeString(",\"creationtime\":\"")
        writeString(SimulatedChannel.timestamp)
        writeString("\",\"language\":\"en\"")
        if let mark {
            writeString(",\"channelvars\":{\"")
            writeString(EventMark.variable)
            writeString("\":\"")
            writeString(mark.text)
            writeString("\"}")
        }
        writeString("}")
    }
}
