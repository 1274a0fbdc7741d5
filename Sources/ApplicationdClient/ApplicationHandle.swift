import NIOHTTP1

/// One application: what its operations begin with. A cheap value.
public struct ApplicationHandle: Sendable, Hashable, Identifiable {
    /// The application's id; also the name of its Stasis application, to which routes lead.
    public let uuid: String
    let client: ApplicationdClient

    /// The application's id.
    public var id: String { uuid }

    /// Whether it is registered.
    /// - Throws: ``ApplicationdError/refused(_:request:)`` with `no-such-application` when it is not.
    public func check() async throws(ApplicationdError) { try await client.request(.GET, path()) }

    func path(_ rest: String...) -> [String] { ["1.0", "applications", uuid] + rest }

    /// Two handles are equal when they are of one application.
    public static func == (left: ApplicationHandle, right: ApplicationHandle) -> Bool { left.uuid == right.uuid }
    /// Follows ``==(_:_:)``.
    public func hash(into hasher: inout Hasher) { hasher.combine(uuid) }
}

/// A list as the API wraps it.
struct Items<Item: Decodable>: Decodable { var items: [Item] }
