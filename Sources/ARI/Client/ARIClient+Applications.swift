import NIOHTTP1

/// Operations on applications (`rest-api/applications.json`).
extension ARIClient {
    /// Every application with what it is subscribed to.
    public func subscriptions() async throws(ARIError) -> [Application] {
        try await request([Application].self, .GET, ["applications"])
    }

    /// One application with what it is subscribed to.
    public func application(_ name: String) async throws(ARIError) -> Application {
        try await request(Application.self, .GET, ["applications", name])
    }

    /// Registers an application for whoever reads the bus (`res_ari_amqp`), on every node of a fleet; an answer comes when they have it.
    public func registerForBus(_ application: String) async throws(ARIError) {
        try await request(.POST, ["amqp", application])
    }
}
