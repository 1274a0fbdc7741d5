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

    @Test("a leg's name says which way sound goes through it", arguments: LegFlow.allCases)
    func flow(flow: LegFlow) {
        let minted = LegID(word: "00000000-0000-4000-8000-000000000001", flow: flow)
        #expect(minted.flow == flow)
        #expect(minted.isMinted)
        #expect(LegID(channelID: minted.channel(on: "ast2"))?.flow == flow)
        #expect(!LegID(word: "abc", flow: flow).isMinted)
    }
}
