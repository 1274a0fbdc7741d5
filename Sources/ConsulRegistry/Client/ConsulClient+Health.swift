/// One instance of a service, and how its agent and its checks say it is.
struct ServiceInstance: Decodable, Sendable, Hashable {
    /// The id of the service.
    var id: String
    /// The address of the host whose agent it was registered with.
    var agentHost: String
    var isPassing: Bool
    var isInMaintenance: Bool

    init(id: String, agentHost: String = "", isPassing: Bool, isInMaintenance: Bool = false) {
        self.id = id
        self.agentHost = agentHost
        self.isPassing = isPassing
        self.isInMaintenance = isInMaintenance
    }

    private struct Entry: Decodable {
        struct Node: Decodable { var Address: String }
        struct Service: Decodable { var ID: String }
        struct Check: Decodable {
            var CheckID: String
            var Status: String
            var isMaintenance: Bool { CheckID.hasPrefix("_service_maintenance:") || CheckID == "_node_maintenance" }
        }
        var Node: Node
        var Service: Service
        var Checks: [Check]?
    }

    init(from decoder: any Decoder) throws {
        let entry = try Entry(from: decoder)
        let checks = entry.Checks ?? []
        id = entry.Service.ID
        agentHost = entry.Node.Address
        isPassing = checks.allSatisfy { $0.isMaintenance || $0.Status != "critical" }
        isInMaintenance = checks.contains { $0.isMaintenance && $0.Status == "critical" }
    }
}

extension ConsulClient {
    /// The instances of a service, well or not. With a cursor the answer comes when they change, or after a while.
    func instances(
        of service: String,
        isConsistent: Bool = false,
        waitingFor cursor: IndexCursor? = nil
    ) async throws(ConsulError) -> ([ServiceInstance], UInt64?) {
        var request = ConsulRequest(path: "health/service/" + service)
        if isConsistent { request.query.append(("consistent", nil)) }
        let waiting = cursor?.waiting(request, for: wait) ?? request
        let answer = try await require(waiting)
        return (try decode([ServiceInstance].self, from: answer, to: request), answer.index)
    }
}
