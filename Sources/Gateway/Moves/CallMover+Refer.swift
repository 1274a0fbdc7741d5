import ARI
import Fleet
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Registry

/// A REFER (RFC 3515): the node of the call asks the phone to call an address that the edge routes to the other node.
extension CallMover {
    /// Q.850 1, unallocated number: SIP says 404.
    private static let unknownNumber = "1"

    /// - Returns: the channel that has entered the application, or nil when the phone did not call.
    func refer(
        _ user: String,
        for move: CallMove,
        carrying state: CarriedState,
        to far: ARIClient
    ) async throws(MoveRefusal) -> String? {
        // A channel that plays or records takes no orders before that is over.
        guard let near = directory.client(of: move.from.name, timeout: .seconds(2)) else {
            throw .nodeFailed("it is gone")
        }
        let former = move.channel.channel.id
        let referral = Referral(of: user, to: move.to.name)
        try await announce(former, on: near)
        directory.change { $0.expect(referral) }
        await ask(move, referral.address, on: near)
        await wait(referralPatience) { $0.admitted(referral) != nil }
        // One that comes later is turned away.
        if let channel = directory.change({ $0.forget(referral) }) {
            if await enter(channel, for: move, carrying: state, on: far), await hasEntered(channel, on: move.to.name) {
                return channel
            }
            try? await far.channels.hangup(channel)
        }
        await withdraw(former, on: near)
        return nil
    }

    /// Somebody has called an address that a phone might have been told.
    func arrived(_ channel: ARI.Channel, with token: String?, on node: String) async {
        guard directory.read({ $0.isConducting }),
            !directory.change({ $0.admit(channel, by: token, on: node) })
        else { return }
        logger.warning("a call that was not asked for", metadata: ["node": "\(node)", "channel": "\(channel.id)"])
        try? await directory.client(of: node)?.channels.hangup(channel.id, reasonCode: Self.unknownNumber)
    }

    /// Lets every gateway know that the channel may go, and come back to its bridge, before it does.
    private func announce(_ former: String, on near: ARIClient) async throws(MoveRefusal) {
        do throws(ARIError) {
            let asking = UUID().uuidString
            try await near.channels.setChannelVar(former, variable: Referral.variable, value: asking)
        } catch {
            guard error.status != 404 else { throw .unknownChannel(former) }
            await withdraw(former, on: near)
            throw .busy(former)
        }
        guard await wait(.seconds(5), for: { $0.isAsked(former) }) else {
            await withdraw(former, on: near)
            throw .nodeFailed("its events do not come")
        }
    }

    private func withdraw(_ former: String, on near: ARIClient) async {
        try? await near.channels.setChannelVar(former, variable: Referral.variable, value: "")
        directory.change { $0.withdraw(former) }
    }

    /// Has the node send the REFER. Asterisk waits for what becomes of it by reading the channel itself; while a bridge reads it as well,
    /// it may wait for ever. So the channel leaves its bridge, for the milliseconds until the edge says that no more is to come.
    private func ask(_ move: CallMove, _ address: String, on near: ARIClient) async {
        let former = move.channel.channel.id
        let bridge = move.bridge
        if let bridge { try? await near.bridges.removeChannel(bridge, channel: [former]) }
        try? await near.channels.redirect(former, endpoint: "PJSIP/\(address)")
        guard let bridge else { return }
        let options = (move.options ?? [:]).map { ($0.key, $0.value) }
        let query = [("channel", former), ("inhibitConnectedLineUpdates", "true")] + options
        do throws(ARIError) {
            try await near.request(.POST, ["bridges", bridge, "addChannel"], query: query)
        } catch {
            logger.warning(
                "a channel is not back in its bridge",
                metadata: ["channel": "\(former)", "error": "\(error)"]
            )
        }
    }

    /// Takes the phone's call to where one begins that the node made itself.
    private func enter(
        _ channel: String,
        for move: CallMove,
        carrying state: CarriedState,
        on far: ARIClient
    ) async -> Bool {
        do throws(ARIError) {
            // The mark comes first: with it gateways know what the channel is.
            let variables = move.variables(state.variables)
            for (name, value) in variables.sorted(by: { first, _ in first.key == CallMove.variable }) {
                try await far.channels.setChannelVar(
                    channel,
                    variable: name,
                    value: value.string ?? value["value"]?.string,
                    reportEvents: value["report_events"]?.bool
                )
            }
            // As long as nobody took it, the dialplan's limit held.
            try await far.channels.setChannelVar(channel, variable: "TIMEOUT(absolute)", value: "0")
            try await far.channels.answer(channel)
            try await far.channels.continueInDialplan(
                channel,
                context: CallMove.context,
                extension: move.number,
                priority: 1
            )
            return true
        } catch {
            logger.warning("a call is not taken over", metadata: ["channel": "\(channel)", "error": "\(error)"])
            return false
        }
    }
}
