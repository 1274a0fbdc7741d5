import ARI
import Fleet
import Foundation
import Logging
import NIOHTTP1
import Registry

/// What is said to all who are in a bridge. In a holding bridge the legs that carry it are up before it begins. Runs in the bridge's queue.
extension BridgeConductor {
    /// Play, record, music on hold and the like.
    func useBridge(
        _ id: String,
        playback: String?,
        _ ari: ARIRequest,
        _ request: GatewayRequest,
        _ target: String
    ) async -> GatewayAnswer {
        guard let announcement = Announcement(ari), directory.read({ $0.bridges[id] != nil }) else {
            return await passToHome(id, playback: playback, ari, request, target)
        }
        guard directory.read({ $0.bridges[id]?.isMixing == false }) else {
            let answer = await passToHome(id, playback: playback, ari, request, target)
            if answer.status == .noContent { await noteMusic(announcement, in: id) }
            return answer
        }
        if let refusal = await findHome(of: id) { return refusal }
        switch announcement {
        case .play(let chosen): return await play(in: id, chosen, ari, request, target)
        case .music(let name): return await startMusic(name, in: id, ari, request, target)
        case .endOfMusic:
            let answer = await passToHome(id, playback: nil, ari, request, target)
            guard answer.status == .noContent else { return answer }
            await noteMusic(announcement, in: id)
            await reconcile(id)
            return answer
        }
    }

    private func play(
        in id: String,
        _ chosen: String?,
        _ ari: ARIRequest,
        _ request: GatewayRequest,
        _ target: String
    ) async -> GatewayAnswer {
        // Its end is recognised by its id.
        let playback = chosen ?? UUID().uuidString.lowercased()
        let named = chosen == nil ? target + (target.contains("?") ? "&" : "?") + "playbackId=\(playback)" : target
        directory.change { _ = $0.bridges[id]?.playing.insert(playback) }
        await reconcile(id)
        let answer = await passToHome(id, playback: playback, ari, request, named)
        if answer.status.code >= 300 {
            directory.change { state in
                state.bridges[id]?.playing.remove(playback)
                state.release(playback)
            }
            await reconcile(id)
        }
        return answer
    }

    private func startMusic(
        _ name: String,
        in id: String,
        _ ari: ARIRequest,
        _ request: GatewayRequest,
        _ target: String
    ) async -> GatewayAnswer {
        let former = directory.read { $0.bridges[id]?.record.music }
        // Music that comes second is refused by the home without a word.
        guard former != nil || !isSpokenTo(id) else { return await passToHome(id, playback: nil, ari, request, target) }
        await amend(id) { $0.note(music: name) }
        await reconcile(id)
        let answer = await passToHome(id, playback: nil, ari, request, target)
        if answer.status.code >= 300 {
            await amend(id) { $0.note(music: former) }
            await reconcile(id)
        }
        return answer
    }

    /// Whether something speaks to all who are in a holding bridge.
    func isSpokenTo(_ id: String) -> Bool {
        directory.read { state in state.bridges[id].flatMap(state.speakingNode) != nil }
    }

    /// Lets a node hear what speaks in a holding bridge before a channel enters there. A part that was there until now may be in the
    /// leg's way for some milliseconds more.
    func link(_ node: String, to id: String) async {
        let deadline = ContinuousClock.now + .milliseconds(500)
        while isSpokenTo(id), await !reconcile(id), ContinuousClock.now < deadline {
            directory.change { _ = $0.bridges[id]?.parts.remove(node) }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Takes in which role channels have come to a holding bridge.
    func noteRole(_ role: String?, of channels: [String], in id: String) async {
        let present = directory.read { state -> Set<String>? in
            guard let bridge = state.bridges[id], !bridge.isMixing else { return nil }
            guard role == Speaker.role || bridge.record.speakers != nil else { return nil }
            return Set(state.members(of: id).values.joined())
        }
        guard let present else { return }
        await amend(id) { $0.note(channels, in: role, present: present) }
    }

    /// Takes in that music has begun or ended.
    private func noteMusic(_ announcement: Announcement, in id: String) async {
        switch announcement {
        case .music(let name): await amend(id) { $0.note(music: name) }
        case .endOfMusic: await amend(id) { $0.note(music: nil) }
        case .play: break
        }
    }

    /// The music that a bridge had at its former home begins anew at the one that it has now.
    func goOnPlayingMusic(in id: String) async {
        guard let bridge = directory.read({ $0.bridges[id] }), let name = bridge.record.music,
            let home = bridge.record.home, await createPart(of: id, on: home) == nil
        else { return }
        try? await directory.client(of: home)?.bridges.startMoh(id, mohClass: name.isEmpty ? nil : name)
    }

    /// Changes a bridge's record. Where the registry cannot be written only this gateway knows, which is logged.
    private func amend(_ id: String, _ change: (inout FleetBridge.Record) -> Void) async {
        let isNews = directory.change { state in
            guard var record = state.bridges[id]?.record else { return false }
            change(&record)
            defer { state.bridges[id]?.record = record }
            return record != state.bridges[id]?.record
        }
        guard isNews else { return }
        do {
            let key = RegistryKey.bridge(id)
            while let entry = try await registry.entry(key) {
                var record = try JSONDecoder().decode(FleetBridge.Record.self, from: Data(entry.value))
                change(&record)
                let value = Array(try JSONEncoder().encode(record))
                if try await registry.compareAndSet(value, for: key, expected: entry.version) { return }
            }
        } catch {
            logger.error("what speaks is not recorded", metadata: ["bridge": "\(id)", "error": "\(error)"])
        }
    }
}
