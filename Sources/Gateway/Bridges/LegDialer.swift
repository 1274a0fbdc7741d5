import ARI
import Fleet
import Foundation
import Logging
import NIOCore

/// Makes and ends legs: one SIP call from a node to the home of a bridge.
actor LegDialer {
    /// How long the home may take to see the call. An INVITE to a dead node gets no answer at all.
    private static let patience = Duration.seconds(2)

    private let directory: FleetDirectory
    private let logger: Logger
    /// Tells of the channels of legs that enter Stasis: at once for the near end, when the call has come for the far end.
    private var waiting: [LegID: (near: AsyncStream<String>.Continuation, far: AsyncStream<String>.Continuation)] = [:]

    /// Legs that are being made.
    var dialling: Set<LegID> { Set(waiting.keys) }

    init(directory: FleetDirectory, logger: Logger) {
        self.directory = directory
        self.logger = logger
    }

    /// Dials from a node to the home and ties both ends into the bridge. The near end is in its bridge before it is dialled,
    /// so that nothing is lost when the home answers.
    /// - Returns: the leg; nil if it could not be made, and then nothing of it is left.
    func dial(from node: String, home: String, bridge: String) async -> Leg? {
        guard let near = directory.client(of: node), let far = directory.client(of: home) else { return nil }
        var leg = Leg(id: LegID(word: UUID().uuidString.lowercased()), node: node, home: home)
        let start = ContinuousClock.now
        let (nearEntries, nearEntered) = AsyncStream.makeStream(of: String.self)
        let (farEntries, farEntered) = AsyncStream.makeStream(of: String.self)
        waiting[leg.id] = (nearEntered, farEntered)
        defer { waiting[leg.id] = nil }
        do throws(ARIError) {
            _ = try await near.createChannel(
                endpoint: "PJSIP/\(leg.id)@node-\(home)",
                application: NodeMirror.observer,
                channelID: leg.nearChannel,
                variables: [LegID.variable: ["value": .string(bridge), "report_events": true]]
            )
            // Asterisk answers before the channel is in Stasis, and refuses to bridge it until then.
            guard await Self.first(of: nearEntries, endedBy: nearEntered) != nil else {
                throw .unreachable("the channel did not enter Stasis", request: "leg from \(node) to \(home)")
            }
            try await near.add(channel: leg.nearChannel, to: bridge, inhibitConnectedLineUpdates: true)
            try await near.dial(leg.nearChannel, timeout: 2)
            guard let channel = await Self.first(of: farEntries, endedBy: farEntered) else {
                throw .unreachable("the call did not arrive", request: "leg from \(node) to \(home)")
            }
            leg.farChannel = channel
            try await far.answer(channel)
            try await far.add(channel: channel, to: bridge, inhibitConnectedLineUpdates: true)
        } catch {
            logger.warning(
                "leg failed",
                metadata: ["bridge": "\(bridge)", "from": "\(node)", "home": "\(home)", "error": "\(error)"]
            )
            await hangUp(leg)
            return nil
        }
        logger.info(
            "leg up",
            metadata: [
                "bridge": "\(bridge)", "from": "\(node)", "home": "\(home)", "took": "\(ContinuousClock.now - start)",
            ]
        )
        return leg
    }

    /// Ends both ends of a leg, on the nodes that live.
    func hangUp(_ leg: Leg) async {
        try? await directory.client(of: leg.node)?.hangUp(leg.nearChannel)
        if let channel = leg.farChannel { try? await directory.client(of: leg.home)?.hangUp(channel) }
    }

    /// An end of a leg has entered Stasis.
    func entered(_ leg: LegID, channel: String, isFar: Bool) {
        guard let ends = waiting[leg] else { return }
        (isFar ? ends.far : ends.near).yield(channel)
    }

    private static func first(
        of arrivals: AsyncStream<String>,
        endedBy arrival: AsyncStream<String>.Continuation
    ) async -> String? {
        let timeout = Task {
            try await Task.sleep(for: patience)
            arrival.finish()
        }
        defer { timeout.cancel() }
        return await arrivals.first { _ in true }
    }
}
