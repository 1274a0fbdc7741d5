import Fleet
import Logging
import Testing

@testable import Gateway

@Suite("Legs")
struct LegDialerTests {
    @Test("an end that leaves breaks its leg, also when that was heard before the bridge had the leg, and no other")
    func late() async {
        let directory = FleetDirectory()
        let ids = ["a", "b"].map { LegID(word: $0) }
        let record = FleetBridge.Record(id: "room", name: "", type: "mixing", creationtime: "", home: "ast1")
        directory.change { state in
            state.bridges["room"] = FleetBridge(
                record: record,
                legs: ids.map { Leg(id: $0, node: "ast2", home: "ast1") }
            )
        }
        let dialer = LegDialer(directory: directory, patience: .seconds(2), logger: Logger(label: "test"))
        await dialer.left(ids[0], "room")
        #expect(directory.read { $0.bridges["room"]?.legs.map(\.isBroken) } == [true, false])
    }
}
