import LocalFleet
import Synchronization
import Testing

@Suite("What people see")
struct ScreenTests {
    private static func shown(onTerminal: Bool, _ use: (Screen) -> Void) -> String {
        let text = Mutex("")
        let screen = Screen(isTerminal: onTerminal) { part in text.withLock { $0 += part } }
        use(screen)
        return text.withLock { $0 }
    }

    @Test("a table that changes is redrawn in place on a terminal")
    func redrawn() {
        let text = Self.shown(onTerminal: true) { screen in
            screen.table(["A", "1"])
            screen.table(["A", "2"])
        }
        #expect(text == "A\n1\n\n\u{1B}[3A\u{1B}[JA\n2\n\n")
    }

    @Test("below a line of something else, and in a pipe, it is written anew")
    func written() {
        let use: (Screen) -> Void = { screen in
            screen.table(["A"])
            screen.line("x")
            screen.table(["B"])
        }
        #expect(Self.shown(onTerminal: true, use) == "A\n\nx\nB\n\n")
        #expect(Self.shown(onTerminal: false, use) == "A\n\nx\nB\n\n")
    }

    @Test("the same table is not shown again")
    func same() {
        let text = Self.shown(onTerminal: false) { screen in
            screen.table(["A"])
            screen.table(["A"])
        }
        #expect(text == "A\n\n")
    }
}
