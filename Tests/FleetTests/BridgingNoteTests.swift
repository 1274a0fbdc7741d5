import Fleet
import Testing

@Suite("How a channel was put into its bridge, noted on it")
struct BridgingNoteTests {
    @Test(
        "it tells of its bridge only, whatever that is called",
        arguments: [["mute": "true", "role": "a b&c"], [:]],
        ["room", "a room/with \"quotes\", and commas"]
    )
    func roundTrip(options: [String: String], bridge: String) {
        let text = BridgingNote(bridge: bridge, options: options).text
        #expect(BridgingNote.options(in: text, for: bridge) == options)
        #expect(BridgingNote.options(in: text, for: "other").isEmpty)
    }

    @Test("what is no note tells nothing", arguments: ["", "room", "{\"bridge\":\"room\"}"])
    func strange(text: String) { #expect(BridgingNote.options(in: text, for: "room").isEmpty) }
}
