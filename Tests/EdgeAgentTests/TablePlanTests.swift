import Testing

@testable import EdgeAgent

struct TablePlanTests {
    @Test(
        "desired and actual give operations, deletions first",
        arguments: [
            ([:], [:], []),
            (["8001": "tts"], [:], [.set(key: "8001", value: "tts")]),
            (["8001": "tts"], ["8001": "tts"], []),
            (["8001": "tts"], ["8001": "old"], [.set(key: "8001", value: "tts")]),
            ([:], ["8001": "tts"], [.delete(key: "8001")]),
            (
                ["b": "2", "a": "1"], ["c": "3", "d": "4", "b": "0"],
                [.delete(key: "c"), .delete(key: "d"), .set(key: "a", value: "1"), .set(key: "b", value: "2")]
            ),
        ] as [([String: String], [String: String], [TablePlan.Operation])]
    )
    func plans(desired: [String: String], actual: [String: String], expected: [TablePlan.Operation]) {
        #expect(TablePlan(desired: desired, actual: actual).operations == expected)
    }

    @Test("values travel as texts, also those that look like numbers")
    func commands() {
        let command = TablePlan.Operation.set(key: "8001", value: "7").command(table: "routes")
        #expect(command.method == "htable.sets")
        #expect(command.params == ["routes", "8001", "7"])
    }
}
