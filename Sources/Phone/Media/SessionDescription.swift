/// The two G.711 codecs: every telephone speaks one of them.
enum Codec: String, Sendable, CaseIterable {
    case pcmu = "PCMU"
    case pcma = "PCMA"

    /// The static payload type of RFC 3551.
    var payloadType: UInt8 { self == .pcmu ? 0 : 8 }
}

/// Where the other end wants its sound, and in which form: what matters of an SDP body (RFC 4566, RFC 3264).
struct RemoteMedia: Sendable, Hashable {
    var address: String
    var port: Int
    var codec: Codec
    /// The payload type of telephone-event (RFC 4733), when it takes digits.
    var eventPayloadType: UInt8?

    /// Reads an SDP body; nil when there is no sound in it that we can exchange.
    init?(sdp: String) {
        var sessionAddress: String?
        var mediaAddress: String?
        var media: [Substring]?
        var eventTypes: [UInt8] = []
        for line in sdp.split(whereSeparator: \.isNewline) {
            let words = line.dropFirst(2).split(separator: " ")
            if line.hasPrefix("m=") {
                if media != nil { break }
                if words.first == "audio" { media = words }
            } else if line.hasPrefix("c="), words.count == 3 {
                if media == nil { sessionAddress = String(words[2]) } else { mediaAddress = String(words[2]) }
            } else if line.hasPrefix("a=rtpmap:"), words.count == 2, words[1].lowercased() == "telephone-event/8000",
                let type = UInt8(words[0].dropFirst("rtpmap:".count))
            {
                eventTypes.append(type)
            }
        }
        guard let media, media.count >= 4, let port = Int(media[1]), (1...65535).contains(port),
            let address = mediaAddress ?? sessionAddress,
            let codec = media[3...].lazy.compactMap({ UInt8($0) }).compactMap(Self.codec).first
        else { return nil }
        self.address = address
        self.port = port
        self.codec = codec
        eventPayloadType = eventTypes.first
    }

    private static func codec(for payloadType: UInt8) -> Codec? {
        Codec.allCases.first { $0.payloadType == payloadType }
    }
}

/// Our own side of the session: where we take sound.
struct LocalMedia: Sendable, Hashable {
    /// The payload type that we give telephone-event.
    static let eventPayloadType: UInt8 = 101

    var address: String
    var port: Int
    private let session = UInt32.random(in: 1...UInt32.max)

    init(address: String, port: Int) {
        self.address = address
        self.port = port
    }

    /// The offer, or with one codec the answer; it may be repeated for every re-INVITE because nothing in it changes.
    func sdp(_ codecs: [Codec] = Codec.allCases) -> String {
        let family = address.contains(":") ? "IP6" : "IP4"
        let types = codecs.map { String($0.payloadType) } + [String(Self.eventPayloadType)]
        let lines =
            [
                "v=0", "o=- \(session) 1 IN \(family) \(address)", "s=Asterism", "c=IN \(family) \(address)", "t=0 0",
                "m=audio \(port) RTP/AVP \(types.joined(separator: " "))",
            ] + codecs.map { "a=rtpmap:\($0.payloadType) \($0.rawValue)/8000" } + [
                "a=rtpmap:\(Self.eventPayloadType) telephone-event/8000", "a=fmtp:\(Self.eventPayloadType) 0-15",
                "a=ptime:20", "a=sendrecv",
            ]
        return lines.joined(separator: "\r\n") + "\r\n"
    }
}
