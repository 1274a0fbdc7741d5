import ARI
import Testing

@testable import Fleet

@Suite("Channels in one piece")
struct PackedChannelTests {
    private static var full: Channel {
        var channel = Channel.made("ast1-1.2", name: "Local/ä@b;1", application: "tts,a\u{0}b")
        channel.channelvars = ["X": "1", "": "", "Y": "ü"]
        channel.accountcode = ""
        channel.language = "en"
        channel.callerRdnis = "200"
        channel.tenantid = "tenant"
        return channel
    }

    private static var bare: Channel {
        var channel = Channel.made("")
        channel.protocolID = nil
        channel.channelvars = [:]
        return channel
    }

    @Test("what is packed comes out as it was", arguments: [full, bare, .made("a")])
    func roundTrip(channel: Channel) {
        #expect(PackedChannel(channel).channel == channel)
        #expect(PackedChannel(channel) == PackedChannel(PackedChannel(channel).channel))
    }
}
