/// The fleet bridges as the registry has them.
extension FleetState {
    /// Takes in the records of all bridges, as a gateway does that does not conduct. A bridge whose record is gone stays known
    /// until the last events of its parts have passed: see ``purgeForgotten()``.
    package mutating func follow(_ records: [String: FleetBridge.Record]) {
        for (id, record) in records {
            if bridges[id] == nil || bridges[id]?.isForgotten == true { bridges[id] = FleetBridge(record: record) }
            bridges[id]?.record = record
        }
        for id in bridges.keys where records[id] == nil { bridges[id]?.isForgotten = true }
    }

    /// Ids whose record differs from what is known: what a conductor looks up again, for it may know better than a snapshot
    /// that was on its way while it wrote.
    package func differing(from records: [String: FleetBridge.Record]) -> [String] {
        let known = bridges.all.filter { !$0.value.isForgotten }
        return Set(known.keys).union(records.keys).filter { known[$0]?.record != records[$0] }.sorted()
    }

    /// Begins to conduct with these records; what stars there are is surveyed afterwards.
    package mutating func beginConducting(_ records: [String: FleetBridge.Record]) {
        isConducting = true
        follow(records)
    }

    /// Leaves the stars to another gateway.
    package mutating func endConducting() {
        isConducting = false
        for id in bridges.keys {
            bridges[id]?.parts = []
            bridges[id]?.legs = []
            bridges[id]?.joining = [:]
            bridges[id]?.playing = []
        }
    }

    /// Forgets bridges whose record has been gone since the last time this was asked, and of which no node shows a part.
    package mutating func purgeForgotten() {
        for (id, bridge) in bridges.all where bridge.isForgotten {
            if bridge.mayPurge, whereabouts.bridges[id] == nil {
                bridges[id] = nil
            } else {
                bridges[id]?.mayPurge = true
            }
        }
    }

    /// A bridge with its parts and legs: as the conductor keeps them, or as the nodes show them.
    package func surveyed(_ bridge: FleetBridge) -> FleetBridge {
        guard !isConducting else { return bridge }
        let survey = survey(of: bridge.id)
        var surveyed = bridge
        surveyed.parts = survey.parts
        surveyed.legs = survey.legs
        return surveyed
    }
}
