import ARI
import Fleet
import Testing

@Suite("Recognising legs")
struct LegIDTests {
    @Test("both ends of a leg are known by themselves, real channels are not taken for one")
    func recognition() {
        let id = LegID(word: "abc")
        #expect(LegID(channel: .made(id.channel(on: "ast2"), context: "default")) == id)
        #expect(LegID(channel: .made(id.channel(on: "ast2"), context: LegID.context, exten: "s")) == id)
        #expect(LegID(channel: .made("ast1-1.7", context: LegID.context, exten: "leg-abc")) == id)
        #expect(LegID(channel: .made("ast1-1.7")) == nil)
        #expect(LegID(channel: .made("ast1-1.7", context: LegID.context, exten: "8001")) == nil)
        #expect(LegID(channelID: "customer-chosen") == nil)
    }
}
