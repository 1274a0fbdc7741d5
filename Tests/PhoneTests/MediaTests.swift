import Testing

@testable import Phone

@Suite("Sound on the wire")
struct MediaTests {
    @Test("a packet survives its trip; header extension and padding are skipped")
    func packets() throws {
        let packet = RTPPacket(
            isMarked: true,
            payloadType: 8,
            sequence: 65_535,
            timestamp: 4_000_000_000,
            source: 7,
            payload: [1, 2]
        )
        #expect(RTPPacket(bytes: packet.bytes) == packet)
        var odd = packet.bytes
        odd[0] = 0xb0
        odd.insert(contentsOf: [0, 0, 0, 1, 9, 9, 9, 9], at: 12)
        odd += [0, 2]
        #expect(RTPPacket(bytes: odd)?.payload == [1, 2])
        #expect(RTPPacket(bytes: [0x80, 0]) == nil)
        #expect(RTPPacket(bytes: [UInt8](repeating: 0, count: 12)) == nil)
    }

    @Test("G.711 keeps samples within its steps", arguments: Codec.allCases)
    func g711(_ codec: Codec) {
        for sample in stride(from: Int16(-32_000), through: 32_000, by: 37) {
            let error = abs(Int(codec.decode(codec.encode(sample))) - Int(sample))
            #expect(error <= max(16, abs(Int(sample)) / 16), "\(sample)")
        }
    }

    @Test(
        "the codes of the standard",
        arguments: [
            (Codec.pcmu, Int16(0), UInt8(0xff)), (.pcmu, 32_635, 0x80), (.pcmu, -32_635, 0x00), (.pcma, 0, 0xd5),
            (.pcma, 32_767, 0xaa),
        ]
    )
    func codes(_ codec: Codec, _ sample: Int16, _ code: UInt8) { #expect(codec.encode(sample) == code) }

    private func packet(_ sequence: UInt16, _ timestamp: UInt32, source: UInt32 = 1) -> RTPPacket {
        RTPPacket(payloadType: 0, sequence: sequence, timestamp: timestamp, source: source, payload: [])
    }

    @Test("packets find their place by timestamp; losses are silence, repetitions nothing")
    func timeline() {
        var timeline = RecordingTimeline()
        timeline.add(packet(65_534, 1000), sound: [1, 1], arrival: 10)
        timeline.add(packet(1, 1006), sound: [4, 4], arrival: 11)
        timeline.add(packet(65_535, 1002), sound: [2, 2], arrival: 12)
        timeline.add(packet(65_535, 1002), sound: [9, 9], arrival: 13)
        #expect(timeline.samples[10...] == [1, 1, 2, 2, 0, 0, 4, 4])
        #expect(timeline.received == 3)
        #expect(timeline.lost == 1)
        timeline.add(packet(0, 1004), sound: [3, 3], arrival: 14)
        #expect(timeline.lost == 0)
    }

    @Test("another sender, or a jump in time, begins where the clock is")
    func rebases() {
        var timeline = RecordingTimeline()
        timeline.add(packet(1, 0), sound: [1], arrival: 0)
        timeline.add(packet(500, 77_777, source: 2), sound: [2], arrival: 5)
        timeline.add(packet(501, 900_000, source: 2), sound: [3], arrival: 8)
        #expect(timeline.samples == [1, 0, 0, 0, 0, 2, 0, 0, 3])
        #expect(timeline.lost == 0)
    }

    @Test("a digit is five updates, three ends and a pause")
    func digits() {
        var digits = DigitEvents("5#", delay: 2)
        let frames = (0..<30).map { _ in digits.next() }
        let events = frames.compactMap { if case .event(let payload, _) = $0 { payload } else { nil } }
        #expect(frames[0] == .sound && frames[1] == .sound)
        #expect(frames[2] == .event(payload: [5, 10, 0, 160], isFirst: true))
        #expect(events.count == 16)
        #expect(events[5] == [5, 0x8a, 3, 32])
        #expect(events[8] == [11, 10, 0, 160])
    }

    @Test("phrases are sound and then a pause")
    func phrases() {
        var counter = PhraseCounter()
        let (loud, quiet) = ([Int16](repeating: 3000, count: 160), [Int16](repeating: 5, count: 160))
        func feed(_ samples: [Int16], _ count: Int) { for _ in 0..<count { counter.add(samples) } }
        feed(quiet, 50)
        feed(loud, 50)
        feed([], 10)
        feed(loud, 50)
        #expect(counter.count == 0, "a pause between words ends nothing")
        feed([], 40)
        #expect(counter.count == 1)
        feed(loud, 5)
        feed([], 100)
        #expect(counter.count == 1, "a click is no phrase")
    }

    @Test(
        "session descriptions",
        arguments: [
            ("c=IN IP4 1.2.3.4\nm=audio 4000 RTP/AVP 8 0", "1.2.3.4", 4000, Codec.pcma),
            (
                "c=IN IP4 1.2.3.4\nm=audio 4000 RTP/AVP 18 0\nc=IN IP4 5.6.7.8\nm=video 1 RTP/AVP 99\nc=IN IP4 9.9.9.9",
                "5.6.7.8", 4000, .pcmu
            ),
        ]
    )
    func descriptions(_ sdp: String, _ address: String, _ port: Int, _ codec: Codec) throws {
        let media = try #require(RemoteMedia(sdp: sdp))
        #expect(media.address == address)
        #expect(media.port == port)
        #expect(media.codec == codec)
    }

    @Test("we understand our own offer")
    func ownOffer() throws {
        let media = try #require(RemoteMedia(sdp: LocalMedia(address: "::1", port: 4000).sdp()))
        #expect(media.address == "::1")
        #expect(media.codec == .pcmu)
        #expect(media.eventPayloadType == 101)
    }
}
