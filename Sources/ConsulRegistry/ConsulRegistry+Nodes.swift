import Foundation
import Logging
import Registry

/// Registration of nodes, draining, and which applications they serve.
extension ConsulRegistry {
    package func register(_ node: NodeRecord) async throws(RegistryError) {
        let deadline = ContinuousClock.now + settings.takeoverPatience
        while true {
            do throws(RegistryError) {
                return try await write(node)
            } catch .conflict(let detail) {
                // The node that holds the name may have died a moment ago.
                guard ContinuousClock.now < deadline, !Task.isCancelled else { throw .conflict(detail) }
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
    }

    package func deregister(node name: String) async throws(RegistryError) {
        let own = ownNodes.removeValue(forKey: name)
        served[name] = nil
        displacedNodes.remove(name)
        try await exclusively(name) { () async throws(RegistryError) in
            let folder = try await self.readFolder()
            guard let id = folder.entries[name]?.record.id ?? own?.id, own == nil || own?.id == id else { return }
            // The record first: whoever sees it gone knows that the node did not just lose touch.
            try await self.asking { () async throws(ConsulError) in
                try await self.client.delete(self.keys.nodes + name)
                try await self.removeServices(ofNode: id)
            }
        }
    }

    package func setDraining(_ draining: Bool, node name: String) async throws(RegistryError) {
        let folder = try await readFolder()
        guard let entry = folder.entries[name] else { throw .unknownNode(name) }
        let id = entry.record.id
        let wasTold = try await asking { () async throws(ConsulError) in
            // A service belongs to the agent that it was registered with, which may be none of ours.
            let hosts = try await self.client.instances(of: self.settings.nodeService).0.filter { $0.id == id }
            let like = self.client.endpoints.current.address
            let others = hosts.map { ConsulAddress(isSecure: like.isSecure, host: $0.agentHost, port: like.port) }
            return try await self.client.setMaintenance(draining, service: id, others: others)
        }
        guard wasTold else {
            throw .unavailable(
                "no Consul agent that can be reached knows the service of \(name); its agent will bring it back"
            )
        }
        // Also in the record, from which a registration takes it should the service be gone meanwhile.
        var record = entry.record
        record.isDraining = draining
        let bytes = try StoredJSON.bytes(record)
        _ = try? await client.put(bytes, for: keys.nodes + name, .unchanged(since: entry.modifyIndex))
    }

    package func serves(_ applications: [String], node name: String) async throws(RegistryError) {
        var id = ownNodes[name]?.id
        if id == nil { id = try await readFolder().entries[name]?.record.id }
        guard let id else { throw .unknownNode(name) }
        let wanted = Set(applications.filter { !$0.isEmpty })
        served[name] = wanted
        try await asking { () async throws(ConsulError) in
            let prefix = NodeServices.applicationPrefix(node: id)
            let there = try await self.client.localServices().filter { $0.hasPrefix(prefix) }
            try await self.bringServices(wanted, node: id, there: there)
        }
    }

    /// Brings back what Consul has lost of our nodes; called with every heartbeat.
    func restoreNodes() async throws(RegistryError) {
        guard !ownNodes.isEmpty else { return }
        let there = try await asking { () async throws(ConsulError) in try await self.client.localServices() }
        let folder = try await readFolder()
        for (name, record) in ownNodes where !nodesInWork.contains(name) {
            var stored = folder.entries[name]?.record
            if let taker = stored?.id, taker != record.id {
                if displacedNodes.insert(name).inserted {
                    logger.warning("another node has taken the name \(name)", metadata: ["entity id": "\(taker)"])
                }
                continue
            }
            displacedNodes.remove(name)
            stored?.isDraining = record.isDraining
            if stored != record || !there.contains(record.id) {
                logger.info("registering \(name) again", metadata: ["node": "\(name)"])
                try await write(record)
            }
            let prefix = NodeServices.applicationPrefix(node: record.id)
            let applications = there.filter { $0.hasPrefix(prefix) }
            try await asking { () async throws(ConsulError) in
                try await self.bringServices(self.served[name] ?? [], node: record.id, there: applications)
            }
        }
    }

    func readFolder() async throws(RegistryError) -> NodeFolder {
        let (pairs, _) = try await asking { () async throws(ConsulError) in
            try await self.client.entries(under: self.keys.nodes, isConsistent: true)
        }
        return NodeFolder(pairs, path: keys.nodes)
    }

    /// Writes record and service of a node, if it is admitted.
    private func write(_ node: NodeRecord) async throws(RegistryError) {
        try await exclusively(node.name) { () async throws(RegistryError) in
            // Each round somebody else's registration won.
            for _ in 0..<20 {
                if try await self.tryWriting(node) { return }
            }
            throw .unavailable("the registration of \(node.name) was overtaken again and again")
        }
    }

    /// - Returns: false when the registry changed meanwhile.
    private func tryWriting(_ node: NodeRecord) async throws(RegistryError) -> Bool {
        let folder = try await readFolder()
        let instances = try await asking { () async throws(ConsulError) in
            try await self.client.instances(of: self.settings.nodeService, isConsistent: true).0
        }
        let passing = Set(instances.filter(\.isPassing).map(\.id))
        let own = ownNodes.filter { name, record in folder.entries[name]?.record.id == record.id }
        let admission = Admission(folder: folder, passing: passing, own: Set(own.keys))
        let known = folder.entries[node.name]
        let instance = instances.first { $0.id == node.id }
        var record = node
        let wasDraining = roll.isDraining(node.name) ?? known?.record.isDraining ?? node.isDraining
        record.isDraining = instance?.isInMaintenance ?? wasDraining

        switch admission.verdict(on: node) {
        case .conflict(let detail): throw .conflict(detail)
        case .admitted(let isNew, let displaced):
            var steps = [
                KVStep.set(
                    key: keys.nodes + node.name,
                    value: try StoredJSON.bytes(record),
                    unchangedSince: known?.modifyIndex ?? 0
                )
            ]
            if isNew {
                let mark = try StoredJSON.bytes(folder.nextMark)
                steps.append(.set(key: keys.nodes, value: mark, unchangedSince: folder.markIndex))
            }
            for name in displaced {
                steps.append(
                    .delete(key: keys.nodes + name, unchangedSince: folder.entries[name]?.modifyIndex ?? 0)
                )
            }
            if isNew || known?.record != record {
                let all = steps
                let isWritten = try await asking { () async throws(ConsulError) in
                    try await self.client.transact(all)
                }
                guard isWritten else { return false }
            }
        }
        ownNodes[node.name] = node
        let oldID = known?.record.id
        try await asking { () async throws(ConsulError) in
            if let oldID, oldID != node.id { try await self.removeServices(ofNode: oldID) }
            if instance?.isPassing == false, node.health == .passing {
                // Consul keeps the verdict of a check that it knows; a new one begins as the agent says.
                try await self.client.deregister(check: NodeServices.check(ofService: node.id))
            }
            if record.isDraining, instance?.isInMaintenance != true {
                // Between the service and its maintenance mode nobody shall take it for one that takes calls, however soon Consul looks.
                try await self.client.register(NodeServices.node(node, isHeld: true, settings: self.settings))
                _ = try await self.client.setMaintenance(true, service: node.id)
                try await self.client.deregister(check: NodeServices.check(ofService: node.id))
            }
            try await self.client.register(NodeServices.node(node, settings: self.settings))
        }
        return true
    }

    /// Registers the applications that are missing and takes back those that are not wanted.
    private func bringServices(_ wanted: Set<String>, node id: String, there: Set<String>) async throws(ConsulError) {
        let wantedIDs = Set(wanted.map { NodeServices.applicationPrefix(node: id) + $0 })
        for name in wanted.sorted() {
            let service = NodeServices.application(name, node: id)
            if !there.contains(service.ID) { try await client.register(service) }
        }
        for gone in there.subtracting(wantedIDs).sorted() { try await client.deregister(service: gone) }
    }

    /// Removes a node's own service and those of its applications.
    func removeServices(ofNode id: String) async throws(ConsulError) {
        let prefix = NodeServices.applicationPrefix(node: id)
        for service in try await client.localServices() where service.hasPrefix(prefix) {
            try await client.deregister(service: service)
        }
        try await client.deregister(service: id)
    }

    /// One registration of a node at a time: the heartbeat must not bring back what is just being changed.
    private func exclusively(
        _ name: String,
        _ work: () async throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        while !nodesInWork.insert(name).inserted {
            try? await Task.sleep(for: .milliseconds(10))
            if Task.isCancelled { throw .unavailable("the task was cancelled") }
        }
        defer { nodesInWork.remove(name) }
        try await work()
    }
}
