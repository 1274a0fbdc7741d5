import ARI
import Operator
import Testing

@Suite("Text for people")
struct TextTests {
    @Test("columns are as wide as their widest cell, and no line ends in spaces")
    func table() {
        var table = TextTable("NODE", "STATE", "X")
        table.add("ast1", "up", "")
        table.add("a-long-name", "draining", "y")
        #expect(table.lines == ["NODE         STATE     X", "ast1         up", "a-long-name  draining  y"])
    }

    @Test("a table without rows is its header")
    func empty() { #expect(TextTable("A", "B").lines == ["A  B"]) }

    @Test("an event is told in one line; what does not tell a call's story is left out")
    func lines() {
        var event = Event(type: "StasisEnd", application: "tts", timestamp: "2026-01-01T10:20:30.000+0000")
        #expect(EventLine.text(event, node: "ast1") == "10:20:30 ast1 left tts")
        event.type = "ChannelVarset"
        #expect(EventLine.text(event, node: "ast1") == nil)
        #expect(EventLine.text(event, node: "ast1", everything: true) == "10:20:30 ast1 ChannelVarset")
    }
}
