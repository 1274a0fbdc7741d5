import ARI
import Fleet
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Registry

/// What clients ask of fleet bridges. Runs in the bridge's queue.
extension BridgeConductor {
    /// Makes a bridge: it has no node until its first channel comes.
    func create(_ id: String, _ ari: ARIRequest, isNamedByPath: Bool) async -> GatewayAnswer {
        if let existing = directory.read({ state in state.fleetBridge(id).map { state.view(of: $0) } }) {
            // `POST /bridges/{id}` is "create or update"; naming a taken id in the query is a conflict.
            guard isNamedByPath else { return .error(.conflict, "Bridge with id '\(id)' already exists") }
            return .json(existing)
        }
        if directory.read({ $0.owner(ofLocalBridge: id) }) != nil {
            return .error(.conflict, "Bridge with id '\(id)' already exists")
        }
        if directory.read({ $0.bridges[id]?.isEnding == true }), await !tearDown(id) {
            return .error(.conflict, "Bridge with id '\(id)' is still being destroyed")
        }
        let type = ari.query["type"].flatMap { $0.isEmpty ? nil : $0 } ?? "mixing"
        guard BridgeTypes.areKnown(type) else {
            // Asterisk's own words, whatever they say of an id.
            return .error(.internalServerError, "Unable to create bridge. Possible duplicate bridge id '(null)'")
        }
        let record = FleetBridge.Record(
            id: id,
            name: ari.query["name"] ?? "",
            type: type,
            creationtime: EventText.timestamp()
        )
        do {
            let value = Array(try JSONEncoder().encode(record))
            guard try await registry.compareAndSet(value, for: RegistryKey.bridge(id), expected: nil) else {
                return .error(.conflict, "Bridge with id '\(id)' already exists")
            }
        } catch {
            // It may have been written all the same.
            Task { await self.unwrite(record) }
            return .error(.serviceUnavailable, "The bridge could not be recorded: \(error)")
        }
        let bridge = FleetBridge(record: record)
        return .json(
            directory.change { state in
                state.bridges[id] = bridge
                return state.view(of: bridge)
            }
        )
    }

    /// Puts channels in, wherever they are: all or none.
    func addChannels(to id: String, _ ari: ARIRequest) async -> GatewayAnswer {
        let channels = (ari.query["channel"] ?? "").split(separator: ",").map(String.init)
        guard !channels.isEmpty else { return .error(.badRequest, "Missing parameter channel") }
        let isPlain = FleetBridge.optionNames.allSatisfy { ari.query[$0] == nil }
        if isPlain, directory.read({ state in channels.allSatisfy { state.isMoved($0, into: id) } }) {
            return .noContent
        }
        guard let byNode = await locate(channels) else { return .error(.badRequest, "Channel not found") }
        guard let first = byNode.first?.node else { return .error(.badRequest, "Channel not found") }
        if directory.read({ $0.bridges[id]?.record.home }) == nil, await !elect(home: first, of: id) {
            return .error(.serviceUnavailable, "The bridge's home could not be recorded")
        }
        for (node, ids) in byNode {
            directory.change { state in for channel in ids { state.bridges[id]?.joining[channel] = node } }
            // The leg comes first, so that a second announcer finds its place taken, as on one node.
            await link(node, to: id)
            if let refusal = await join(ids, node: node, bridge: id, ari) {
                directory.change { state in for channel in channels { state.bridges[id]?.joining[channel] = nil } }
                await leave(channels, bridge: id)
                return refusal
            }
            await noteRole(ari.query["role"], of: ids, in: id)
        }
        guard await reconcile(id) else {
            await leave(channels, bridge: id)
            return .error(.serviceUnavailable, "The nodes of the bridge could not be linked")
        }
        return .noContent
    }

    /// Takes channels out; legs that are no longer needed go when the channels have left.
    func removeChannels(from id: String, _ ari: ARIRequest) async -> GatewayAnswer {
        let channels = (ari.query["channel"] ?? "").split(separator: ",").map(String.init)
        guard !channels.isEmpty else { return .error(.badRequest, "Missing parameter channel") }
        guard let byNode = await locate(channels) else { return .error(.badRequest, "Channel not found") }
        let (inside, options) = directory.read { state in (state.members(of: id), state.bridges[id]?.options ?? [:]) }
        guard byNode.allSatisfy({ node, ids in ids.allSatisfy { inside[node]?.contains($0) == true } }) else {
            return .error(.unprocessableEntity, "Channel not in this bridge")
        }
        for (node, ids) in byNode {
            guard let client = directory.client(of: node) else { continue }
            do throws(ARIError) {
                try await client.request(
                    .POST,
                    ["bridges", id, "removeChannel"],
                    query: [("channel", ids.joined(separator: ","))]
                )
            } catch {
                return GatewayAnswer(error)
            }
            await note(nil, on: ids.filter { options[$0]?.isEmpty != true }, client)
        }
        // Heard of only when they are back, their leaving would be taken for a second one, and their node's part be taken away.
        let deadline = ContinuousClock.now + .seconds(5)
        while directory.read({ state in !Set(channels).isDisjoint(with: state.members(of: id).values.joined()) }),
            ContinuousClock.now < deadline
        {
            try? await Task.sleep(for: .milliseconds(1))
        }
        return .noContent
    }

    /// Ends a bridge. The record says so first, so that another conductor carries on should this one stop.
    func destroy(_ id: String) async -> GatewayAnswer {
        guard
            let record = directory.change({ state in
                state.bridges[id]?.isEnding = true
                return state.bridges[id]?.record
            })
        else { return .error(.notFound, "Bridge not found") }
        do {
            try await registry.set(Array(try JSONEncoder().encode(record)), for: RegistryKey.bridge(id))
        } catch {
            logger.error("the end is not recorded", metadata: ["bridge": "\(id)", "error": "\(error)"])
        }
        _ = await tearDown(id)
        return .noContent
    }

    /// Removes the record of a bridge whose making failed, if it was written, as soon as the registry answers.
    private func unwrite(_ record: FleetBridge.Record) async {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            do {
                let entry = try await registry.entry(RegistryKey.bridge(record.id))
                let written = try entry.map { try JSONDecoder().decode(FleetBridge.Record.self, from: Data($0.value)) }
                if written == record { try await registry.remove(RegistryKey.bridge(record.id)) }
                return
            } catch {
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// Ends the legs and parts of a bridge that is ending, and then removes the record, so that a new one of the same id starts
    /// clean. A part that stays, on a node that does not answer, keeps the record for another try.
    /// - Returns: whether all of it is gone.
    func tearDown(_ id: String) async -> Bool {
        guard let bridge = directory.read({ $0.bridges[id] }) else { return true }
        for leg in bridge.legs { await hangUp(leg, of: id) }
        for node in directory.read({ $0.parts(of: id) }).sorted() {
            guard directory.read({ $0.isConducting }) else { return false }
            do throws(ARIError) {
                try await directory.client(of: node)?.bridges.destroy(id)
            } catch {
                if error.status == 404 { directory.change { $0.forget(part: node, of: id) } }
            }
        }
        // The nodes' farewell events pass through ``FleetState/verdict(on:from:)``, which needs the record until then.
        let deadline = ContinuousClock.now + .seconds(1)
        while directory.read({ !$0.parts(of: id).isEmpty }) {
            guard ContinuousClock.now < deadline else { return false }
            try? await Task.sleep(for: .milliseconds(2))
        }
        guard directory.read({ $0.isConducting }) else { return false }
        // Forgotten here before it is gone there, it would come back from there.
        do { try await registry.remove(RegistryKey.bridge(id)) } catch { return false }
        directory.change { $0.bridges[id] = nil }
        await subscribers.end(id)
        return true
    }

    /// Play, record, music on hold and the like: done where the bridge is mixed, which hears and reaches everyone.
    func passToHome(
        _ id: String,
        playback: String?,
        _ ari: ARIRequest,
        _ request: GatewayRequest,
        _ target: String
    ) async -> GatewayAnswer {
        if let refusal = await findHome(of: id) { return refusal }
        guard let home = directory.read({ state in state.bridges[id]?.record.home.flatMap { state.nodes[$0] } }) else {
            return RequestDispatcher.noNode
        }
        if let playback { directory.change { $0.note(playback: playback, on: home.name) } }
        let answer = await home.pass(request, target: target)
        if (200..<300).contains(answer.status.code) { directory.change { $0.bridges[id]?.note(ari) } }
        return answer
    }

    /// Gives a bridge a home that has none yet.
    /// - Returns: why it could not get one.
    func findHome(of id: String) async -> GatewayAnswer? {
        guard directory.read({ $0.bridges[id]?.record.home }) == nil else { return nil }
        guard let node = directory.read({ $0.place() }) else { return RequestDispatcher.noNode }
        guard await elect(home: node.name, of: id), await createPart(of: id, on: node.name) == nil else {
            return .error(.serviceUnavailable, "The bridge could not be made on node \(node.name)")
        }
        return nil
    }

    /// Sets or clears the source of video, in the part that it is in.
    func setVideoSource(
        of id: String,
        to channel: String?,
        _ ari: ARIRequest,
        _ request: GatewayRequest,
        _ target: String
    ) async -> GatewayAnswer {
        let node = directory.read { state in
            let node = channel == nil ? state.bridges[id]?.videoNode : channel.flatMap(state.owner(ofChannel:))
            return node.flatMap { state.parts(of: id).contains($0) ? state.nodes[$0] : nil }
        }
        guard let node else { return await passToHome(id, playback: nil, ari, request, target) }
        let answer = await node.pass(request, target: target)
        if answer.status == .noContent { directory.change { $0.bridges[id]?.videoNode = node.name } }
        return answer
    }

    /// Groups channels by node, in the order given; nil if one of them is nowhere.
    private func locate(_ channels: [String]) async -> [(node: String, ids: [String])]? {
        var groups: [(node: String, ids: [String])] = []
        for channel in channels {
            var node = directory.read { $0.owner(ofChannel: channel) }
            if node == nil { node = await NodeProbe(channel: channel).find(directory)?.name }
            guard let node else { return nil }
            if let index = groups.firstIndex(where: { $0.node == node }) {
                groups[index].ids.append(channel)
            } else {
                groups.append((node, [channel]))
            }
        }
        return groups
    }

    /// - Returns: the node's refusal, if it refused.
    private func join(
        _ ids: [String],
        node: String,
        bridge id: String,
        _ ari: ARIRequest,
        attempt: Int = 1
    ) async -> GatewayAnswer? {
        if let refusal = await createPart(of: id, on: node) { return refusal }
        guard let client = directory.client(of: node) else { return RequestDispatcher.noNode }
        var query: [(String, String?)] = [("channel", ids.joined(separator: ","))]
        for option in FleetBridge.optionNames + ["inhibitConnectedLineUpdates"] {
            query.append((option, ari.query[option]))
        }
        do throws(ARIError) {
            try await client.request(.POST, ["bridges", id, "addChannel"], query: query)
            let options = ari.query.filter { FleetBridge.optionNames.contains($0.key) }
            directory.change { state in for channel in ids { state.bridges[id]?.options[channel] = options } }
            if !options.isEmpty { await note(BridgingNote(bridge: id, options: options), on: ids, client) }
            return nil
        } catch {
            // The part was known and is gone, or it is going and is shown for some milliseconds more: Asterisk knows best.
            guard Self.isOfEndedPart(error), attempt < 20, directory.read({ $0.bridges[id] != nil }) else {
                return GatewayAnswer(error)
            }
            directory.change { _ = $0.bridges[id]?.parts.remove(node) }
            if attempt > 1 { try? await Task.sleep(for: .milliseconds(10)) }
            return await join(ids, node: node, bridge: id, ari, attempt: attempt + 1)
        }
    }

    /// Notes on channels how they are in a bridge. One that is gone by now moves nowhere.
    /// - Parameter note: nil: they are in it no longer.
    private func note(_ note: BridgingNote?, on channels: [String], _ node: ARIClient) async {
        for channel in channels {
            try? await node.channels.setChannelVar(channel, variable: BridgingNote.variable, value: note?.text ?? "")
        }
    }

    private static func isOfEndedPart(_ error: ARIError) -> Bool {
        error.status == 404 || error.status == 409 && "\(error)".contains("Bridge not in Stasis application")
    }

    private func leave(_ channels: [String], bridge id: String) async {
        for channel in channels {
            guard let node = directory.read({ $0.owner(ofChannel: channel) }) else { continue }
            try? await directory.client(of: node)?.bridges.removeChannel(id, channel: [channel])
        }
    }
}

/// The words that ARI takes as bridge types.
enum BridgeTypes {
    private static let known: Set<Substring> = [
        "mixing", "holding", "dtmf_events", "proxy_media", "video_sfu", "video_single", "sdp_label",
    ]

    static func areKnown(_ type: String) -> Bool { type.split(separator: ",").allSatisfy(known.contains) }
}
