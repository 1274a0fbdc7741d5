import ARI
import Fleet
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Registry

/// The descriptions of ARI that the gateway makes or adds to.
struct APIDocuments: Sendable {
    let directory: FleetDirectory

    func answer(_ name: String, _ request: GatewayRequest, _ target: String) async -> GatewayAnswer {
        let host = request.head.headers.first(name: "Host") ?? "localhost"
        if APIDocument.isAdded(name) { return .json(APIDocument.amqp(host: host)) }
        guard let node = directory.read({ $0.anyAlive() }) else { return RequestDispatcher.noNode }
        var answer = await node.pass(request, target: target, keepsHost: true)
        guard answer.status == .ok, let list = try? JSONDecoder().decode(JSONValue.self, from: answer.body) else {
            return answer
        }
        answer.body = EventText.encode(APIDocument.listing(list))
        return answer
    }
}

/// `POST` and `DELETE /ari/amqp/{application}`.
enum BusApplications {
    static func answer(_ applications: Applications, _ name: String, isWanted: Bool) async -> GatewayAnswer {
        do {
            if isWanted {
                try await applications.registerForBus(name)
            } else {
                try await applications.unregisterForBus(name)
            }
            return .noContent
        } catch {
            return .error(.internalServerError, "The application could not be recorded: \(error)")
        }
    }
}
