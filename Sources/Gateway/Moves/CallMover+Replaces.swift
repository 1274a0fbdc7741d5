import ARI
import Fleet
import Foundation
import Registry

/// An INVITE with Replaces (RFC 3891): the other node calls the phone, which puts that call in the place of the one it has.
extension CallMover {
    /// - Returns: the channel that has entered the application, or nil when the phone refused.
    func call(
        _ dialog: SIPDialog,
        for move: CallMove,
        carrying state: CarriedState,
        from far: ARIClient
    ) async throws(MoveRefusal) -> String? {
        let channel = "\(move.to.name)-\(UUID().uuidString.lowercased())"
        guard directory.change({ $0.reserve(channel: channel, on: move.to.name) }) else {
            throw .alreadyMoving(move.channel.channel.id)
        }
        // The phone hangs up its call on one node while the other tells that a channel is in its place, which may be heard later.
        directory.change { $0.begin(move) }
        do throws(ARIError) {
            try await far.channels.originateWithID(
                channel,
                endpoint: "PJSIP/\(dialog.user)@edge",
                extension: move.number,
                context: CallMove.context,
                callerID: move.number,
                timeout: Int(Self.patience.components.seconds),
                variables: move.variables(state.variables).merging(dialog.replacingHeaders) { first, _ in first }
            )
        } catch {
            directory.change { state in
                state.release(channel)
                state.abandon(move)
            }
            throw .nodeFailed("\(error)")
        }
        guard await hasEntered(channel, on: move.to.name) else {
            try? await far.channels.hangup(channel)
            return nil
        }
        return channel
    }
}
