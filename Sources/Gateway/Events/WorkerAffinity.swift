import Fleet
import Foundation
import NIOHTTP1
import Registry

/// Gives the calls that a group's worker makes to that worker, and what belongs to a call to the worker who has the call. Settled before
/// the request is sent: the call's first event may come before its answer.
struct WorkerAffinity: Sendable {
    let hub: EventHub
    let conductorship: Conductorship

    /// The other gateway that knows whose the call is to be: the one that leads the group of the call that it belongs to.
    func leader(of request: ARIRequest, _ head: HTTPRequestHead) -> GatewayRecord? {
        guard let call = NewCall(request), call.related != nil,
            !head.headers.contains(name: PassedRequest.forwardedHeader),
            let leader = hub.leader(of: call.application), leader != conductorship.own.name
        else { return nil }
        return conductorship.gateways.first { $0.name == leader }
    }

    /// A request that makes a call for a group, with an id that is known beforehand.
    struct Settled: Sendable {
        var request: ARIRequest
        var target: String
        fileprivate let application: String
        fileprivate let channel: String
        /// Whether the call was nobody's before.
        fileprivate var isGiven = false
    }

    /// - Parameter worker: the socket over which the request came.
    /// - Returns: nil when the call goes to whichever worker has the fewest.
    func settle(_ request: ARIRequest, target: String, by worker: EventSocket?) -> Settled? {
        guard let call = NewCall(request), hub.group(of: call.application) != nil else { return nil }
        let worker = worker.flatMap { $0.applications.contains(call.application) ? $0 : nil }
        guard worker != nil || call.related != nil else { return nil }
        var settled = Settled(
            request: request,
            target: target,
            application: call.application,
            channel: call.channel ?? UUID().uuidString.lowercased()
        )
        if call.channel == nil {
            settled.request.query[call.idParameter] = settled.channel
            settled.target += "\(target.contains("?") ? "&" : "?")\(call.idParameter)=\(settled.channel)"
        }
        if let worker {
            settled.isGiven = hub.give(settled.channel, of: call.application, to: worker)
        } else if let related = call.related {
            settled.isGiven = hub.give(settled.channel, of: call.application, toWorkerOf: related)
        }
        return settled
    }

    /// The call is nobody's when the request fails.
    func watch(_ decision: RequestDispatcher.Decision, of settled: Settled) -> RequestDispatcher.Decision {
        // The id may be that of a call that there is.
        guard settled.isGiven else { return decision }
        let note: @Sendable (Int) -> Void = { [hub] status in
            if status >= 300 { hub.takeBack(settled.channel, of: settled.application) }
        }
        switch decision {
        case .ask: return decision
        case .answer(let answer):
            note(Int(answer.status.code))
            return decision
        case .compute(let compute):
            return .compute {
                let answer = await compute()
                note(Int(answer.status.code))
                return answer
            }
        case .forward(let node, let target, let isQuick, let onStatus):
            return .forward(to: node, target: target, isQuick: isQuick) { status in
                onStatus?(status)
                note(status)
            }
        }
    }
}
