import NIOCore
import NIOHTTP1

extension ConsulClient {
    /// Opens a session that lasts while all checks are well; the keys it holds are deleted with it.
    func openSession(name: String, checks: [String]) async throws(ConsulError) -> String {
        struct Session: Encodable {
            var Name: String
            var Checks: [String]
            var Behavior = "delete"
            var LockDelay = "0s"
        }
        struct Opened: Decodable { var ID: String }
        var request = ConsulRequest(method: .PUT, path: "session/create")
        request.body = try encode(Session(Name: name, Checks: checks), for: request)
        return try await decode(Opened.self, from: require(request), to: request).ID
    }

    /// Whether a session is still there.
    func hasSession(_ id: String) async throws(ConsulError) -> Bool {
        let request = ConsulRequest(method: .PUT, path: "session/renew/" + id)
        let answer = try await send(request)
        switch answer.status {
        case 200: return true
        case 404: return false
        default: throw .refused(status: answer.status, request: request.description, text: answer.text)
        }
    }

    /// Ends a session.
    func closeSession(_ id: String) async throws(ConsulError) {
        try await require(ConsulRequest(method: .PUT, path: "session/destroy/" + id))
    }
}
