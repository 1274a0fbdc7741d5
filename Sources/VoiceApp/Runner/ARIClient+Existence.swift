import ARI
import NIOHTTP1

extension ARIClient {
    /// Whether there is a resource at a path.
    func exists(_ path: String...) async throws(ARIError) -> Bool { try await send(.GET, path).status != 404 }
}
