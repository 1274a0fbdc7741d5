import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// An entry of Consul's key-value store.
struct KVPair: Decodable, Sendable, Hashable {
    var key: String
    var value: [UInt8]
    var modifyIndex: UInt64
    /// The session that holds it.
    var session: String?

    private enum CodingKeys: String, CodingKey {
        case key = "Key"
        case value = "Value"
        case modifyIndex = "ModifyIndex"
        case session = "Session"
    }

    init(key: String, value: [UInt8], modifyIndex: UInt64, session: String? = nil) {
        self.key = key
        self.value = value
        self.modifyIndex = modifyIndex
        self.session = session
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        key = try container.decode(String.self, forKey: .key)
        value = Array(try container.decodeIfPresent(Data.self, forKey: .value) ?? Data())
        modifyIndex = try container.decode(UInt64.self, forKey: .modifyIndex)
        session = try container.decodeIfPresent(String.self, forKey: .session)
    }
}

/// Under which condition a key is written.
enum KVCondition: Sendable, Hashable {
    case always
    /// Only if its `ModifyIndex` is this; 0: only if it does not exist.
    case unchanged(since: UInt64)
    /// Only if no other session holds it; afterwards this one does.
    case acquire(session: String)
}

/// One step of a transaction.
enum KVStep: Sendable {
    case set(key: String, value: [UInt8], unchangedSince: UInt64)
    case delete(key: String, unchangedSince: UInt64)
}

extension ConsulClient {
    /// The entry of a key. With a cursor the answer comes when the key changes, or after a while.
    func entry(_ key: String, waitingFor cursor: IndexCursor? = nil) async throws(ConsulError) -> (KVPair?, UInt64?) {
        let request = ConsulRequest(path: "kv/" + key, query: [("consistent", nil)])
        let (pairs, index) = try await pairs(request, waitingFor: cursor)
        return (pairs.first, index)
    }

    /// The entries whose keys begin with a prefix. With a cursor the answer comes when they change, or after a while.
    func entries(
        under prefix: String,
        isConsistent: Bool = false,
        waitingFor cursor: IndexCursor? = nil
    ) async throws(ConsulError) -> ([KVPair], UInt64?) {
        var request = ConsulRequest(path: "kv/" + prefix, query: [("recurse", nil)])
        if isConsistent { request.query.append(("consistent", nil)) }
        return try await pairs(request, waitingFor: cursor)
    }

    private func pairs(
        _ request: ConsulRequest,
        waitingFor cursor: IndexCursor?
    ) async throws(ConsulError) -> ([KVPair], UInt64?) {
        let request = cursor?.waiting(request, for: wait) ?? request
        let answer = try await send(request)
        switch answer.status {
        case 200: return (try decode([KVPair].self, from: answer, to: request), answer.index)
        case 404: return ([], answer.index)
        default: throw .refused(status: answer.status, request: request.description, text: answer.text)
        }
    }

    /// Writes a key.
    /// - Returns: whether the condition held.
    func put(_ value: [UInt8], for key: String, _ condition: KVCondition = .always) async throws(ConsulError) -> Bool {
        var request = ConsulRequest(method: .PUT, path: "kv/" + key, body: ByteBuffer(bytes: value))
        switch condition {
        case .always: break
        case .unchanged(let index):
            request.query = [("cas", "\(index)")]
            request.isRepeatable = false
        case .acquire(let session): request.query = [("acquire", session)]
        }
        return try await isTrue(request)
    }

    /// Removes a key, if it is unchanged since an index when one is given.
    func delete(_ key: String, unchangedSince index: UInt64? = nil) async throws(ConsulError) {
        var request = ConsulRequest(method: .DELETE, path: "kv/" + key)
        if let index { request.query = [("cas", "\(index)")] }
        _ = try await isTrue(request)
    }

    /// All steps or none.
    /// - Returns: whether the conditions held.
    func transact(_ steps: [KVStep]) async throws(ConsulError) -> Bool {
        let operations = steps.map { step in
            switch step {
            case .set(let key, let value, let index):
                Operation(KV: .init(Verb: "cas", Key: key, Value: Data(value), Index: index))
            case .delete(let key, let index):
                Operation(KV: .init(Verb: "delete-cas", Key: key, Value: nil, Index: index))
            }
        }
        var request = ConsulRequest(method: .PUT, path: "txn", isRepeatable: false)
        request.body = try encode(operations, for: request)
        let answer = try await send(request)
        switch answer.status {
        case 200: return true
        case 409: return false
        default: throw .refused(status: answer.status, request: request.description, text: answer.text)
        }
    }

    /// Writes the body of a request.
    func encode(_ value: some Encodable, for request: ConsulRequest) throws(ConsulError) -> ByteBuffer {
        do {
            return ByteBuffer(data: try JSONEncoder().encode(value))
        } catch {
            throw .malformed(request: request.description, problem: "its body cannot be written (\(error))")
        }
    }

    private func isTrue(_ request: ConsulRequest) async throws(ConsulError) -> Bool {
        try await String(buffer: require(request).body).hasPrefix("true")
    }

    private struct Operation: Encodable {
        struct Step: Encodable {
            var Verb: String
            var Key: String
            var Value: Data?
            var Index: UInt64
        }
        var KV: Step
    }
}
