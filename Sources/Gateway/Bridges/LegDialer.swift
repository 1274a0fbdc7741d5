import ARI
import Fleet
import Foundation
import Logging
import NIOCore

/// Makes and ends legs: one SIP call from a node to the home of a bridge.
actor LegDialer {
    private let directory: FleetDirectory
    private let logger: Logger
    /// How long each end may take to be seen.
    private let patience: Duration
    /// Tells of the channels of legs that enter Stasis: at once for the near end, when the call has come for the far end.
    private var waiting: [LegID: (near: AsyncStream<String>.Continuation, far: AsyncStream<String>.Continuation)] = [:]

    /// Legs that are being made and have lost an end already.
    private var halved: Set<LegID> = []

    /// Legs that are being made.
    var dialling: Set<LegID> { Set(waiting.keys) }

    init(directory: FleetDirectory, patience: Duration, logger: Logger) {
        self.directory = directory
        self.patience = patience
        self.logger = logger
    }

    /// Dials from a node to the home and ties both ends into the bridge. The near end is in its bridge before it is dialled,
    /// so that nothing is lost when the home answers.
    /// - Returns: whether the bridge has the leg; if it could not be made, nothing of it is left.
    func dial(from node: String, home: String, bridge: String, flow: LegFlow = .both) async -> Bool {
        guard let near = directory.client(of: node), let far = directory.client(of: home) else { return false }
        var leg = Leg(id: LegID(word: UUID().uuidString.lowercased(), flow: flow), node: node, home: home)
        let start = ContinuousClock.now
        let (nearEntries, nearEntered) = AsyncStream.makeStream(of: String.self)
        let (farEntries, farEntered) = AsyncStream.makeStream(of: String.self)
        waiting[leg.id] = (nearEntered, farEntered)
        defer {
            waiting[leg.id] = nil
            halved.remove(leg.id)
        }
        do throws(ARIError) {
            try await near.channels.create(
                endpoint: "PJSIP/\(leg.id)@node-\(home)",
                app: NodeMirror.observer,
                channelID: leg.nearChannel,
                variables: [LegID.variable: ["value": .string(bridge), "report_events": true]]
            )
            // Asterisk answers before the channel is in Stasis, and refuses to bridge it until then.
            guard await first(of: nearEntries, endedBy: nearEntered) != nil else {
                throw .unreachable("the channel did not enter Stasis", request: "leg from \(node) to \(home)")
            }
            try await near.bridges.addChannel(
                bridge,
                channel: [leg.nearChannel],
                role: flow.nearRole,
                inhibitConnectedLineUpdates: true
            )
            try await near.channels.dial(leg.nearChannel, timeout: Int(patience.components.seconds))
            guard let channel = await first(of: farEntries, endedBy: farEntered) else {
                throw .unreachable("the call did not arrive", request: "leg from \(node) to \(home)")
            }
            leg.farChannel = channel
            try await far.channels.answer(channel)
            try await far.bridges.addChannel(
                bridge,
                channel: [channel],
                role: flow.farRole,
                inhibitConnectedLineUpdates: true
            )
        } catch {
            logger.warning(
                "leg failed",
                metadata: ["bridge": "\(bridge)", "from": "\(node)", "home": "\(home)", "error": "\(error)"]
            )
            await hangUp(leg)
            return false
        }
        leg.isBroken = halved.contains(leg.id)
        // While it is still waited for: an end that leaves from now on is one of a leg that the bridge has.
        directory.change { $0.bridges[bridge]?.legs.append(leg) }
        logger.info(
            "leg up",
            metadata: [
                "bridge": "\(bridge)", "from": "\(node)", "home": "\(home)", "took": "\(ContinuousClock.now - start)",
            ]
        )
        return true
    }

    /// Ends both ends of a leg, on the nodes that live.
    func hangUp(_ leg: Leg) async {
        try? await directory.client(of: leg.node)?.channels.hangup(leg.nearChannel)
        if let channel = leg.farChannel { try? await directory.client(of: leg.home)?.channels.hangup(channel) }
    }

    /// An end of a leg has entered Stasis.
    func entered(_ leg: LegID, channel: String, isFar: Bool) {
        guard let ends = waiting[leg] else { return }
        (isFar ? ends.far : ends.near).yield(channel)
    }

    /// An end of a leg has left its bridge. The directory may have heard of it before it had the leg.
    func left(_ leg: LegID, _ bridge: String?) {
        guard waiting[leg] == nil else {
            halved.insert(leg)
            return
        }
        guard let bridge else { return }
        directory.change { state in
            guard let index = state.bridges[bridge]?.legs.firstIndex(where: { $0.id == leg }) else { return }
            state.bridges[bridge]?.legs[index].isBroken = true
        }
    }

    private func first(
        of arrivals: AsyncStream<String>,
        endedBy arrival: AsyncStream<String>.Continuation
    ) async -> String? {
        let timeout = Task { [patience] in
            try await Task.sleep(for: patience)
            arrival.finish()
        }
        defer { timeout.cancel() }
        return await arrivals.first { _ in true }
    }
}
