import Testing

@testable import Telemetry

@Suite("Request ids")
struct RequestIDTests {
    @Test("a sane one is kept", arguments: ["a", "0123-ab.cd_EF", String(repeating: "x", count: 128)])
    func kept(id: String) { #expect(RequestID.of(id) == id) }

    @Test("any other is replaced", arguments: ["", "a b", "a\"b", "ü", "a/b", String(repeating: "x", count: 129)])
    func replaced(id: String) {
        let made = RequestID.of(id)
        #expect(made != id)
        #expect(RequestID.isSane(made))
    }

    @Test("without one each request gets its own")
    func made() { #expect(RequestID.of(nil) != RequestID.of(nil)) }
}
