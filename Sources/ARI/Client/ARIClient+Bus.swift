import NIOHTTP1

/// What Asterisk's own ARI lacks, and a fleet's has: `res_ari_amqp` of the original added it.
extension ARIClient {
    /// Registers an application for whoever reads the bus, on every node of a fleet; an answer comes when they have it.
    public func registerForBus(_ application: String) async throws(ARIError) {
        try await request(.POST, ["amqp", application])
    }
}
