import Fleet
import Foundation
import Logging
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Registry
import Telemetry

/// Takes what clients ask of fleet bridges: done here where this gateway conducts, else passed to the gateway that does.
struct BridgeDesk: Sendable {
    /// The id that the passing gateway chose for a bridge without one, so that asking twice makes one bridge.
    static let bridgeHeader = "X-Asterism-Bridge"
    /// Marks the refusal of a gateway that does not conduct.
    static let notConductorHeader = "X-Asterism-Not-Conductor"
    /// How long a request waits for somebody to conduct.
    private static let patience = Duration.seconds(2)
    /// How long it waits when the conductor went away while it was asked: a session has to run out before the next election.
    private static let electionPatience = Duration.seconds(20)

    let conductorship: Conductorship
    let bridges: BridgeConductor
    let directory: FleetDirectory
    let logger: Logger

    func answer(
        _ operation: RequestRoute.BridgeOperation,
        _ ari: ARIRequest,
        _ request: GatewayRequest,
        target: String
    ) async -> GatewayAnswer {
        var request = request
        if operation == .create(id: nil), !request.head.headers.contains(name: Self.bridgeHeader) {
            request.head.headers.add(name: Self.bridgeHeader, value: UUID().uuidString.lowercased())
        }
        return await conduct(request) { [request] in
            await bridges.perform(operation, ari, request, target: target)
        } whenPassed: { answer in
            await settle(operation, answer)
        }
    }

    /// Has done what only the gateway does that conducts: here, or by passing the request on.
    /// - Parameter whenPassed: gets what the conductor answered.
    func conduct(
        _ request: GatewayRequest,
        here work: @Sendable () async -> GatewayAnswer,
        whenPassed: @Sendable (GatewayAnswer) async -> Void = { _ in }
    ) async -> GatewayAnswer {
        if conductorship.conductor == .this { return await work() }
        if request.head.headers.contains(name: PassedRequest.forwardedHeader) {
            // Elected, and not done yet with taking over.
            if await conductorship.conductor(within: .milliseconds(500)) == .this { return await work() }
            var answer = GatewayAnswer.error(.serviceUnavailable, "Gateway \(conductorship.own.name) does not conduct")
            answer.headers.add(name: Self.notConductorHeader, value: conductorship.own.name)
            return answer
        }
        var former: Conductorship.Conductor?
        for patience in [Self.patience, Self.electionPatience] {
            let conductor = await conductorship.conductor(otherThan: former, within: patience)
            switch conductor {
            case .nobody: return Self.nobody
            case .this: return await work()
            case .other(let gateway):
                if let answer = await pass(request, to: gateway) {
                    await whenPassed(answer)
                    return answer
                }
                logger.warning(
                    "the conductor did not answer",
                    metadata: ["gateway": "\(gateway.name)", "request": "\(request.id)"]
                )
                former = conductor
            }
        }
        return Self.nobody
    }

    private static let nobody = GatewayAnswer.error(
        .serviceUnavailable,
        "No gateway conducts the bridges just now: the registry has not elected one; try again"
    )

    /// - Returns: nil when the gateway did not answer, or no longer conducts.
    private func pass(_ request: GatewayRequest, to gateway: GatewayRecord) async -> GatewayAnswer? {
        let passed = PassedRequest(request, to: gateway, from: conductorship.own.name)
        return await withTaskGroup(of: GatewayAnswer?.self) { group in
            group.addTask { await passed.send(unless: Self.notConductorHeader) }
            // A conductor that hangs keeps its connections: the next election tells that it will not answer.
            group.addTask {
                while !Task.isCancelled, conductorship.conductor == .other(gateway) {
                    try? await Task.sleep(for: .milliseconds(50))
                }
                try? await Task.sleep(for: .seconds(1))
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// Waits, bounded, until this gateway knows what the conductor has done: what the client asks next may be answered here.
    private func settle(_ operation: RequestRoute.BridgeOperation, _ answer: GatewayAnswer) async {
        let isSettled: @Sendable () -> Bool
        switch operation {
        case .create where answer.status == .ok:
            guard let id = (try? JSONDecoder().decode(CreatedBridge.self, from: answer.body))?.id else { return }
            isSettled = { directory.read { $0.fleetBridge(id) != nil } }
        case .destroy(let id) where answer.status == .noContent:
            isSettled = { directory.read { $0.fleetBridge(id) == nil } }
        default: return
        }
        let deadline = ContinuousClock.now + .milliseconds(500)
        while !isSettled(), ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(2)) }
    }
}

private struct CreatedBridge: Decodable { var id: String }
