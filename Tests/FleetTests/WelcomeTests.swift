import ARI
import Fleet
import Testing

@Suite("Welcome for a channel whose entry was missed")
struct WelcomeTests {
    @Test("the application hears what Asterisk said, oldest channel first; legs are nobody's")
    func events() {
        func entered(_ id: String, _ data: String) -> MirroredChannel {
            var known = MirroredChannel(.made(id, application: data))
            known.application = data.split(separator: ",").first.map(String.init)
            return known
        }
        let welcomes = Welcome.events(
            for: [entered("b", "conference"), entered("a", "tts,x,,y"), entered("ast1-leg-x", "asterism,leg")],
            entityID: "02:00:00:00:00:01",
            timestamp: "now",
            encode: { value in .string("\(type(of: value))") }
        )
        #expect(welcomes.map(\.application) == ["tts", "conference"])
        #expect(welcomes.first?.event["type"] == "StasisStart")
        #expect(welcomes.first?.event["args"] == ["x", "", "y"])
        #expect(welcomes.last?.event["args"] == [])
        #expect(welcomes.first?.event["asterisk_id"] == "02:00:00:00:00:01")
        #expect(welcomes.first?.event["channel"] == "Channel")
    }
}
