import ARI
import Fleet
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Registry

/// Moves live calls to other nodes: a new channel there enters the application in place of the former one, and goes into its bridge. It
/// calls the phone with an INVITE that replaces the dialog it has (RFC 3891); a phone that refuses that is asked to call it (RFC 3515).
/// Works where bridges are conducted.
actor CallMover {
    /// How long the phone may take to answer. It does so by itself.
    static let patience = Duration.seconds(5)

    let directory: FleetDirectory
    private let bridges: BridgeConductor
    let logger: Logger
    /// How long a phone that is asked to call again may take.
    let referralPatience: Duration
    private var moving: Set<String> = []

    init(directory: FleetDirectory, bridges: BridgeConductor, referralPatience: Duration, logger: Logger) {
        self.directory = directory
        self.bridges = bridges
        self.referralPatience = referralPatience
        self.logger = logger
    }

    /// Moves a call.
    /// - Parameter node: where to, by name or entity id; nil takes the least loaded.
    /// - Returns: what came of it.
    func move(_ id: String, to node: String?) async throws(MoveRefusal) -> MoveReport {
        var move = try directory.read { state in Result { () throws(MoveRefusal) in try state.move(of: id, to: node) } }
            .get()
        guard moving.insert(id).inserted else { throw .alreadyMoving(id) }
        defer { moving.remove(id) }
        let start = ContinuousClock.now
        if let bridge = move.bridge, move.options == nil {
            move.options = await noted(id, in: bridge, on: move.from.name)
        }
        let (channel, isReferred) = try await replace(move)
        if let bridge = move.bridge { try await enter(bridge, channel, move.options ?? [:]) }
        // Who asked a phone to call again ends the former call (RFC 5589, 6.1).
        await end(move, within: isReferred ? .zero : .seconds(1))
        logger.notice(
            "call moved",
            metadata: [
                "channel": "\(id)", "from": "\(move.from.name)", "to": "\(move.to.name)", "now": "\(channel)",
                "by": "\(isReferred ? "REFER" : "Replaces")", "took": "\(ContinuousClock.now - start)",
            ]
        )
        return MoveReport(channel: channel, replaces: id, node: move.to.name, bridge: move.bridge)
    }

    /// How another gateway put a channel into its bridge.
    private func noted(_ channel: String, in bridge: String, on node: String) async -> [String: String] {
        let note = try? await directory.client(of: node)?.channels.getChannelVar(
            channel,
            variable: BridgingNote.variable
        )
        return BridgingNote.options(in: note?.value ?? "", for: bridge)
    }

    /// Has the call begin on the other node, in whichever way the phone allows.
    /// - Returns: the channel there, which has entered the application.
    private func replace(_ move: CallMove) async throws(MoveRefusal) -> (channel: String, isReferred: Bool) {
        guard let near = directory.client(of: move.from.name), let far = directory.client(of: move.to.name) else {
            throw .nodeFailed("it is gone")
        }
        let former = move.channel.channel.id
        let dialog = try await SIPDialog(of: former, on: near)
        let state = await CarriedState(of: former, named: move.named, on: near, logger: logger)
        var channel = try await call(dialog, for: move, carrying: state, from: far)
        let isReferred = channel == nil
        if isReferred { channel = try await refer(dialog.user, for: move, carrying: state, to: far) }
        guard let channel else {
            throw .refusedByPhone(
                dialog.user,
                "it takes no call that replaces the one it has (RFC 3891), and does not call again when asked to (RFC 3515)"
            )
        }
        await state.treat(channel, on: far, logger: logger)
        return (channel, isReferred)
    }

    /// Waits until a channel is in its application, or gone.
    func hasEntered(_ channel: String, on node: String) async -> Bool {
        @Sendable func isInApplication(_ state: borrowing FleetState) -> Bool {
            let application = state.mirrors[node]?.channels[channel]?.application
            return application != nil && application != NodeMirror.observer
        }
        await wait(Self.patience) { isInApplication($0) || $0.owner(ofChannel: channel) == nil }
        return directory.read(isInApplication)
    }

    private func enter(_ bridge: String, _ channel: String, _ options: [String: String]) async throws(MoveRefusal) {
        let answer = await bridges.add(channel, options, to: bridge)
        guard answer.status.code < 300 else { throw .notBridged(bridge, String(buffer: answer.body)) }
    }

    /// The phone hangs up the dialog that was replaced; should it not, the node does.
    private func end(_ move: CallMove, within patience: Duration) async {
        let id = move.channel.channel.id
        if await wait(patience, for: { $0.mirrors[move.from.name]?.channels[id] == nil }) { return }
        try? await directory.client(of: move.from.name)?.channels.hangup(id)
    }

    /// Waits until something is so.
    @discardableResult
    func wait(_ patience: Duration, for isSo: (borrowing FleetState) -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + patience
        while !directory.read(isSo) {
            guard ContinuousClock.now < deadline else { return false }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return true
    }
}
