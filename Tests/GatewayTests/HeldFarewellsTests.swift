import Synchronization
import Testing

@testable import Gateway

@Suite("What applications are not told yet of a channel that goes")
struct HeldFarewellsTests {
    /// Two applications that have not been told: `a` that the channel goes, `b` only that it left its bridge.
    private static func held() -> (farewells: HeldFarewells, told: Told) {
        let farewells = HeldFarewells()
        let told = Told()
        for (application, word, isDoubtful) in [("a", "left", true), ("b", "left", true), ("a", "ended", false)] {
            farewells.hold("old", from: application, isDoubtful: isDoubtful) { told.note("\(application) \(word)") }
        }
        return (farewells, told)
    }

    @Test(
        "when the call has gone on, who heard of an end is told all of it, and who may see the channel come back is not"
    )
    func settle() {
        let (farewells, told) = Self.held()
        farewells.settle("old")
        #expect(told.words == ["a left", "a ended"])
        farewells.forget("old", from: "b")
        farewells.release("old")
        #expect(told.words == ["a left", "a ended"])
    }

    @Test("an end that comes after the call has gone on brings what was held before it")
    func release() {
        let (farewells, told) = Self.held()
        farewells.settle("old")
        farewells.release("old", from: "b")
        #expect(told.words == ["a left", "a ended", "b left"])
    }

    @Test("a channel that is back has only not left its bridge")
    func forget() {
        let (farewells, told) = Self.held()
        farewells.forget("old", from: "a")
        farewells.release("old")
        #expect(told.words == ["b left", "a ended"])
        farewells.release("old")
        #expect(told.words.count == 2, "nothing is told twice")
    }
}

private final class Told: Sendable {
    private let noted = Mutex<[String]>([])
    var words: [String] { noted.withLock { $0 } }

    func note(_ word: String) { noted.withLock { $0.append(word) } }
}
