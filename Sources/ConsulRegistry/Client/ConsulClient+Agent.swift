import Foundation
import NIOCore
import NIOHTTP1

/// A service as it is registered with an agent. The names are Consul's.
struct ServiceDefinition: Encodable, Sendable, Hashable {
    var ID: String
    var Name: String
    var Address: String = ""
    var Port: Int = 0
    var Tags: [String] = []
    var Meta: [String: String]?
    var Checks: [CheckDefinition]?
}

/// How an agent finds out whether a service is well. The names are Consul's.
struct CheckDefinition: Encodable, Sendable, Hashable {
    var HTTP: String?
    var Interval: String?
    var Timeout: String?
    var TTL: String?
    var Status: String
    var DeregisterCriticalServiceAfter: String
}

extension ConsulClient {
    /// Registers a service with the agent in use, in place of what had its id there.
    func register(_ service: ServiceDefinition) async throws(ConsulError) {
        var request = ConsulRequest(method: .PUT, path: "agent/service/register")
        request.body = try encode(service, for: request)
        try await require(request)
    }

    /// Removes a service from every agent of the list that can be reached: it may have been registered with any.
    /// - Throws: when none could be reached.
    func deregister(service id: String) async throws(ConsulError) {
        try await atAll(ConsulRequest(method: .PUT, path: "agent/service/deregister/" + id))
    }

    /// Removes a check from the agent in use.
    func deregister(check id: String) async throws(ConsulError) {
        _ = try await send(ConsulRequest(method: .PUT, path: "agent/check/deregister/" + id))
    }

    /// The ids of the services that were registered with the agent in use.
    func localServices() async throws(ConsulError) -> Set<String> {
        struct Nothing: Decodable {}
        let request = ConsulRequest(path: "agent/services")
        return Set(try await decode([String: Nothing].self, from: require(request), to: request).keys)
    }

    /// Says that a process lives.
    /// - Returns: false when the agent does not know its check.
    func pass(check id: String) async throws(ConsulError) -> Bool {
        let request = ConsulRequest(method: .PUT, path: "agent/check/pass/" + id)
        let answer = try await send(request)
        switch answer.status {
        case 200: return true
        case 404, 500: return false
        default: throw .refused(status: answer.status, request: request.description, text: answer.text)
        }
    }

    /// Puts a service into maintenance mode, or takes it out, at the first agent that knows it.
    /// - Parameter others: agents to try after those of the list.
    /// - Returns: whether one knew it.
    func setMaintenance(
        _ isOn: Bool,
        service id: String,
        others: [ConsulAddress] = []
    ) async throws(ConsulError) -> Bool {
        let request = ConsulRequest(
            method: .PUT,
            path: "agent/service/maintenance/" + id,
            query: [("enable", isOn ? "true" : "false"), ("reason", "Maintenance activated by Asterism")]
        )
        var problem: ConsulError?
        let current = endpoints.current.address
        for address in [current] + (endpoints.addresses + others).filter({ $0 != current }) {
            do {
                let answer = try await send(request, to: address)
                switch answer.status {
                case 200: return true
                case 404, 500: continue
                default:
                    throw ConsulError.refused(status: answer.status, request: request.description, text: answer.text)
                }
            } catch {
                problem = error as? ConsulError
            }
        }
        if let problem { throw problem }
        return false
    }

    private func atAll(_ request: ConsulRequest) async throws(ConsulError) {
        var problem: ConsulError?
        var reached = false
        for address in endpoints.addresses {
            do {
                let answer = try await send(request, to: address)
                guard answer.status == 200 || answer.status == 404 else {
                    throw ConsulError.refused(status: answer.status, request: request.description, text: answer.text)
                }
                reached = true
            } catch {
                problem = error as? ConsulError
            }
        }
        if !reached, let problem { throw problem }
    }
}
