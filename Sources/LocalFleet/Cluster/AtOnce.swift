import ServiceLifecycle

/// Services that start and stop together, where the order among them does not matter: stopping them one after the other takes longer.
struct AtOnce: Service, CustomStringConvertible {
    let description: String
    private let services: [any Service]

    init(_ description: String, _ services: [any Service]) {
        self.description = description
        self.services = services
    }

    /// Ends when all have ended, or throws what the first that failed throws.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            try await group.waitForAll()
        }
    }
}
