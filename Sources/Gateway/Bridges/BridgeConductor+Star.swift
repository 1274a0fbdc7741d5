import ARI
import Fleet
import Foundation
import Logging
import NIOCore
import Registry

/// Keeps the star of a bridge. Runs in the bridge's queue.
extension BridgeConductor {
    /// Compares a bridge with ``LegPlan`` and does what is missing.
    /// - Returns: whether all of it could be done.
    @discardableResult
    func reconcile(_ id: String) async -> Bool {
        var isDone = true
        for directive in directory.read({ $0.plan(for: id) }) {
            // Another gateway may have been elected while the last step was taken.
            guard directory.read({ $0.isConducting }) else { return false }
            isDone = await carryOut(directive, of: id) && isDone
            if case .elect(let home) = directive, let chosen = directory.read({ $0.bridges[id]?.record.home }),
                chosen != home, isDone
            {
                // Another gateway was first: legs to our choice would lead elsewhere.
                return await reconcile(id)
            }
        }
        return isDone
    }

    private func carryOut(_ directive: LegPlan.Directive, of id: String) async -> Bool {
        logger.debug("bridge", metadata: ["bridge": "\(id)", "directive": "\(directive)"])
        switch directive {
        case .elect(let home):
            guard await elect(home: home, of: id) else { return false }
            await goOnPlayingMusic(in: id)
            return true
        case .createPart(let node): return await createPart(of: id, on: node) == nil
        case .dial(let node, let home, let flow):
            return await legs.dial(from: node, home: home, bridge: id, flow: flow)
        case .hangUp(let leg):
            await hangUp(leg, of: id)
            return true
        case .destroyPart(let node):
            try? await directory.client(of: node)?.bridges.destroy(id)
            directory.change { _ = $0.bridges[id]?.parts.remove(node) }
            return true
        }
    }

    /// Records a bridge's home; another gateway may have been first, then its choice stands.
    func elect(home: String, of id: String) async -> Bool {
        do {
            guard let entry = try await registry.entry(RegistryKey.bridge(id)),
                var record = try? JSONDecoder().decode(FleetBridge.Record.self, from: Data(entry.value))
            else { return false }
            record.home = home
            let value = Array(try JSONEncoder().encode(record))
            if try await registry.compareAndSet(value, for: RegistryKey.bridge(id), expected: entry.version) {
                directory.change { $0.bridges[id]?.record.home = home }
                return true
            }
            guard let now = try await registry.entry(RegistryKey.bridge(id)) else { return false }
            let theirs = try JSONDecoder().decode(FleetBridge.Record.self, from: Data(now.value))
            directory.change { $0.bridges[id]?.record = theirs }
            return theirs.home != nil
        } catch {
            logger.error("home not recorded", metadata: ["bridge": "\(id)", "error": "\(error)"])
            return false
        }
    }

    /// Makes the local bridge on a node, if it is not there.
    /// - Returns: the node's refusal, if it refused.
    func createPart(of id: String, on node: String) async -> GatewayAnswer? {
        guard let bridge = directory.read({ $0.bridges[id] }), !bridge.parts.contains(node) else { return nil }
        guard let client = directory.client(of: node) else { return RequestDispatcher.noNode }
        do throws(ARIError) {
            try await client.bridges.createWithID(
                id,
                type: bridge.partType,
                name: bridge.record.name.isEmpty ? nil : bridge.record.name
            )
        } catch {
            // It is there: this gateway, or the one that conducted before, made it.
            guard error.status == 409 else { return GatewayAnswer(error) }
        }
        directory.change { _ = $0.bridges[id]?.parts.insert(node) }
        for application in subscribers.applications(of: id) {
            // One that is not registered there hears nothing from there anyway.
            _ = try? await client.applications.subscribe(application, eventSource: ["bridge:\(id)"])
        }
        return nil
    }

    func hangUp(_ leg: Leg, of id: String) async {
        // Its end is no news then.
        directory.change { state in state.bridges[id]?.legs.removeAll { $0.id == leg.id } }
        await legs.hangUp(leg)
    }
}
