import ARI
import Foundation
import HTTPTypes
import NIOCore
import Registry
import WebAPI

/// Snoops: a channel that hears a call, in a bridge with the call that listens. Who listens to whom is recorded in the registry, which
/// whoever leads announces.
extension Desk {
    func snoops(of application: String) async throws(WebError) -> [Snoop] {
        try await requireApplication(application)
        let prefix = RegistryKey.applicationSnoop("", of: application)
        do throws(RegistryError) {
            return try await registry.entries(under: prefix).values.compactMap { Self.record($0)?.snoop }
                .sorted { $0.uuid < $1.uuid }
        } catch {
            throw .registryUnreachable
        }
    }

    func snoop(_ uuid: String, of application: String) async throws(WebError) -> Snoop {
        try await requireApplication(application)
        return try await record(of: uuid, application).snoop
    }

    func snoop(_ wish: SnoopRequest, on call: String, of application: String) async throws(WebError) -> Snoop {
        try await requireCall(call, of: application)
        do throws(WebError) {
            try await requireCall(wish.snoopingCallID, of: application)
        } catch {
            throw error.status == .notFound ? .noSuchCall(wish.snoopingCallID, .badRequest) : error
        }
        guard wish.snoopingCallID != call else {
            throw .invalid("A call cannot listen to itself", field: "snooping_call_id")
        }
        let snoop = Snoop(
            uuid: UUID().uuidString.lowercased(),
            snoopedCallID: call,
            snoopingCallID: wish.snoopingCallID,
            whisperMode: wish.whisperMode
        )
        try await begin(snoop, of: application, replacing: nil)
        return snoop
    }

    func update(snoop uuid: String, to mode: Snoop.WhisperMode, of application: String) async throws(WebError) {
        try await requireApplication(application)
        let known = try await record(of: uuid, application)
        guard known.snoop.whisperMode != mode else { return }
        var snoop = known.snoop
        snoop.whisperMode = mode
        try await begin(snoop, of: application, replacing: known)
    }

    func delete(snoop uuid: String, of application: String) async throws(WebError) {
        try await requireApplication(application)
        let known = try await record(of: uuid, application)
        do throws(RegistryError) {
            try await registry.remove(RegistryKey.applicationSnoop(uuid, of: application))
        } catch {
            throw .registryUnreachable
        }
        await end(uuid, channel: known.channel)
    }

    /// How a snoop whispers is settled when its channel is made: a change makes another channel.
    private func begin(_ snoop: Snoop, of application: String, replacing former: SnoopRecord?) async throws(WebError) {
        let channel = ChannelKind.newChannelID(ofSnoop: snoop.uuid)
        do throws(WebError) {
            try await ask(missing: .noSuchCall(snoop.snoopedCallID)) { client async throws(ARIError) in
                try await client.channels.snoopChannelWithID(
                    snoop.snoopedCallID,
                    snoopID: channel,
                    app: application,
                    spy: .both,
                    whisper: snoop.whisperMode.direction,
                    appArgs: "snoop,\(snoop.uuid)"
                )
                try await client.bridges.createWithID(snoop.uuid, type: "mixing", name: Self.bridgeName(application))
            }
            try await join(snoop, channel, isFirst: former == nil)
            try await write(SnoopRecord(snoop: snoop, channel: channel), of: application)
        } catch {
            await end(former == nil ? snoop.uuid : nil, channel: channel)
            throw error
        }
        // Recorded first: the end of the former channel is not the end of the snoop.
        if let former = former?.channel { try? await client.channels.hangup(former) }
    }

    /// The new channel is on its way into the application when Asterisk answers.
    private func join(_ snoop: Snoop, _ channel: String, isFirst: Bool) async throws(WebError) {
        let deadline = ContinuousClock.now + .seconds(1)
        while true {
            do throws(ARIError) {
                let channels = isFirst ? [channel, snoop.snoopingCallID] : [channel]
                return try await client.bridges.addChannel(snoop.uuid, channel: channels)
            } catch {
                guard error.status == 409 || error.status == 422, ContinuousClock.now < deadline, !Task.isCancelled
                else { throw WebError(error, missing: .noSuchCall(snoop.snoopingCallID, .badRequest)) }
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func end(_ bridge: String?, channel: String?) async {
        if let channel { try? await client.channels.hangup(channel) }
        if let bridge { try? await client.bridges.destroy(bridge) }
    }

    private func write(_ record: SnoopRecord, of application: String) async throws(WebError) {
        do throws(RegistryError) {
            try await registry.set(
                Array(JSONText.encode(record).readableBytesView),
                for: RegistryKey.applicationSnoop(record.snoop.uuid, of: application)
            )
        } catch {
            throw .registryUnreachable
        }
    }

    private func record(of uuid: String, _ application: String) async throws(WebError) -> SnoopRecord {
        // A slash in it would be another key.
        guard NamedUUID.isUUID(uuid) else { throw .noSuch("snoop", uuid) }
        let entry: RegistryEntry?
        do throws(RegistryError) {
            entry = try await registry.entry(RegistryKey.applicationSnoop(uuid, of: application))
        } catch {
            throw .registryUnreachable
        }
        guard let record = entry.flatMap(Self.record) else { throw .noSuch("snoop", uuid) }
        return record
    }

    private static func record(_ entry: RegistryEntry) -> SnoopRecord? {
        try? JSONDecoder().decode(SnoopRecord.self, from: Data(entry.value))
    }

    private static func bridgeName(_ application: String) -> String { "wazo-app-snoop-\(application)" }
}

extension Snoop.WhisperMode {
    fileprivate var direction: ARIClient.SnoopDirection {
        switch self {
        case .in: .in
        case .out: .out
        case .both: .both
        case .none: .nothing
        }
    }
}
