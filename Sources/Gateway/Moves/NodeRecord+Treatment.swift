import ARI
import Fleet
import NIOCore
import NIOHTTP1
import Registry

extension NodeRecord {
    /// Has the node do to a channel what lasts, and notes it on the channel, for the day when its call moves.
    /// - Parameter notes: what the request begins and ends.
    func treat(
        _ channel: String,
        _ notes: [ChannelTreatment: String],
        _ request: GatewayRequest,
        target: String
    ) async -> GatewayAnswer {
        let answer = await pass(request, target: target, timeout: .seconds(30))
        guard (200..<300).contains(answer.status.code) else { return answer }
        for (treatment, note) in notes {
            // A channel that is gone by now moves nowhere.
            try? await ARIClient(node: self).channels.setChannelVar(
                channel,
                variable: treatment.rawValue,
                value: note
            )
        }
        return answer
    }
}
