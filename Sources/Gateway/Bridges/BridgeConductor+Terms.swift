import Fleet
import Foundation
import Logging
import Registry

/// The beginning and the end of conducting.
extension BridgeConductor {
    /// How long a new conductor waits for the nodes' lists: without them it would take right stars for wrong ones.
    private static let listingPatience = Duration.seconds(5)

    /// Becomes the one who keeps the stars, and goes on where the last one stopped.
    func takeOver() async {
        guard let records = await allRecords() else { return }
        let deadline = ContinuousClock.now + Self.listingPatience
        while directory.read({ $0.mirrors.values.contains { !$0.isListed } }), ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(5))
            if Task.isCancelled { return }
        }
        directory.change { $0.beginConducting(records) }
        for id in records.keys.sorted() { resume(id) }
        await hangUpStrays()
        conductorship.setReady(true)
    }

    /// Another gateway keeps the stars now: what is planned here is not carried out.
    func stepDown() async {
        conductorship.setReady(false)
        guard
            directory.change({ state in
                defer { state.endConducting() }
                return state.isConducting
            })
        else { return }
        if let records = try? await records() { directory.change { $0.follow(records) } }
    }

    /// Finishes what clients have asked for, within a bounded time, and stops conducting.
    func retire() async {
        conductorship.setReady(false)
        let deadline = ContinuousClock.now + .seconds(1)
        while isBusy, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
        directory.change { $0.endConducting() }
    }

    /// Takes in a snapshot of the registry.
    func follow(_ records: [String: FleetBridge.Record]) {
        let differing = directory.change { state -> [String] in
            guard state.isConducting else {
                state.follow(records)
                return []
            }
            return state.differing(from: records)
        }
        for id in differing { enqueue(id) { await self.review(id) } }
    }

    /// Surveys every star and hangs up what belongs to none: after a node was listed, and now and then.
    func surveyAll() async {
        directory.change { $0.purgeForgotten() }
        guard directory.read({ $0.isConducting }) else { return }
        for id in directory.read({ Array($0.bridges.keys) }) { resume(id) }
        await hangUpStrays()
    }

    /// Brings a bridge to where its record says it should be, from whatever state it was left in.
    private func resume(_ id: String) {
        guard resuming.insert(id).inserted else { return }
        enqueue(id) { await self.resumeNow(id) }
    }

    private func resumeNow(_ id: String) async {
        resuming.remove(id)
        let dialling = await legs.dialling
        directory.change { state in
            guard state.isConducting else { return }
            state.adopt(state.survey(of: id), for: id, except: dialling)
        }
        await recordAgain(id)
        if directory.read({ $0.isConducting && $0.bridges[id]?.isEnding == true }) {
            _ = await tearDown(id)
        } else {
            await reconcile(id)
        }
    }

    /// A registry that lost its data must not end what people talk in: only a bridge without members goes with its record.
    private func recordAgain(_ id: String) async {
        let record = directory.read { state -> FleetBridge.Record? in
            guard state.isConducting, let bridge = state.bridges[id], bridge.isForgotten, bridge.record.ending != true,
                !state.members(of: id).isEmpty
            else { return nil }
            return bridge.record
        }
        guard let record, let value = try? JSONEncoder().encode(record),
            (try? await registry.compareAndSet(Array(value), for: RegistryKey.bridge(id), expected: nil)) == true
        else { return }
        logger.warning("a bridge in use is recorded again", metadata: ["bridge": "\(id)"])
        directory.change { $0.bridges[id]?.isForgotten = false }
    }

    /// What the registry says now; a snapshot may be older than what was written here.
    private func review(_ id: String) async {
        guard directory.read({ $0.isConducting }), let entry = try? await read(id) else { return }
        directory.change { state in
            guard state.isConducting else { return }
            guard let record = entry.record else {
                // Somebody else removed it, or the registry lost it.
                if state.bridges[id] != nil { state.bridges[id]?.isForgotten = true }
                return
            }
            var bridge = state.bridges[id] ?? FleetBridge(record: record)
            // That it is ending may not have been written, because the registry was away.
            let isSame = bridge.record.creationtime == record.creationtime
            let isEnding = isSame && bridge.record.ending == true
            bridge.record = record
            if isEnding { bridge.record.ending = true }
            bridge.isForgotten = false
            state.bridges[id] = bridge
        }
        await resumeNow(id)
    }

    private func hangUpStrays() async {
        let dialling = await legs.dialling
        let strays = directory.read { $0.isConducting ? $0.strayLegs() : [] }
        for leg in strays where !dialling.contains(leg.id) {
            logger.notice("a leg of no bridge is hung up", metadata: ["leg": "\(leg.id)"])
            await legs.hangUp(leg)
        }
    }

    private func allRecords() async -> [String: FleetBridge.Record]? {
        while !Task.isCancelled {
            do {
                return try await records()
            } catch {
                logger.warning("the bridges cannot be read", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
        return nil
    }

    private func records() async throws(RegistryError) -> [String: FleetBridge.Record] {
        BridgeRecords.read(try await registry.entries(under: RegistryKey.bridges))
    }

    private func read(_ id: String) async throws(RegistryError) -> (record: FleetBridge.Record?, Void) {
        let entry = try await registry.entry(RegistryKey.bridge(id))
        return (entry.flatMap { try? JSONDecoder().decode(FleetBridge.Record.self, from: Data($0.value)) }, ())
    }
}

/// How bridges are written in the registry.
enum BridgeRecords {
    static func read(_ entries: [String: RegistryEntry]) -> [String: FleetBridge.Record] {
        var records: [String: FleetBridge.Record] = [:]
        for entry in entries.values {
            guard let record = try? JSONDecoder().decode(FleetBridge.Record.self, from: Data(entry.value)) else {
                continue
            }
            records[record.id] = record
        }
        return records
    }
}
