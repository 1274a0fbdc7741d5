import Foundation
import NIOCore
import NIOFoundationCompat

extension Event {
    /// Reads one event as `Codable` would, in a fraction of the time where it is as Asterisk writes it.
    package init(reading body: ByteBuffer) throws {
        let scanned = body.withUnsafeReadableBytes { bytes in
            var scanner = JSONScanner(bytes: bytes)
            return Event(&scanner)
        }
        // What is not as expected is explained by `Codable`, or read by it.
        self = try scanned ?? JSONDecoder().decode(Event.self, from: body)
    }

    /// Nil for what lacks a member that it must have.
    private init?(_ scanner: inout JSONScanner) {
        guard scanner.enter() else { return nil }
        var event = Event(type: "")
        var isWhole = true
        func note<Value>(_ value: Value?) -> Value? {
            isWhole = isWhole && value != nil
            return value
        }
        while let key = scanner.nextKey() {
            switch key.text {
            case "type": event.type = scanner.string() ?? ""
            case "application": event.application = scanner.string()
            case "timestamp": event.timestamp = scanner.string()
            case "asterisk_id": event.asteriskID = scanner.string()
            case "channel": event.channel = note(Channel(&scanner))
            case "bridge": event.bridge = note(Bridge(&scanner))
            case "playback": event.playback = note(Playback(&scanner))
            case "recording": event.recording = note(LiveRecording(&scanner))
            case "replace_channel": event.replacedChannel = note(Channel(&scanner))
            // In `PeerStatusChange` the peer is not a channel.
            case "peer": event.peer = Channel(&scanner)
            case "dialstatus": event.dialstatus = scanner.string()
            case "args": event.args = scanner.strings()
            case "digit": event.digit = scanner.string()
            case "duration_ms": event.durationMilliseconds = scanner.integer()
            case "cause": event.cause = scanner.integer()
            case "cause_txt": event.causeText = scanner.string()
            case "variable": event.variable = scanner.string()
            case "value": event.value = scanner.string()
            case "endpoint": event.endpoint = note(Endpoint(&scanner))
            case "device_state": event.deviceState = note(DeviceState(&scanner))
            default: scanner.skip()
            }
        }
        guard isWhole, !event.type.isEmpty else { return nil }
        self = event
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// As text, which for a short key costs no memory.
    var text: String { String(decoding: UnsafeRawBufferPointer(rebasing: self), as: UTF8.self) }
}

extension JSONScanner {
    /// Reads an array of strings, without what in it is none.
    mutating func strings() -> [String]? {
        guard enterArray() else { return nil }
        var strings: [String] = []
        while nextItem() { if let string = string() { strings.append(string) } }
        return strings
    }

    /// Reads an object of strings, without what in it is none.
    mutating func dictionary() -> [String: String]? {
        guard enter() else { return nil }
        var members: [String: String] = [:]
        while let key = nextKey() {
            let name = key.text
            if let string = string() { members[name] = string }
        }
        return members
    }
}
