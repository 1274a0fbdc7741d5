import LiveBroker
import Testing

/// A broker for the time of a suite.
struct LiveBrokerTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await LiveBroker.run { broker in
            try await LiveBroker.$assigned.withValue(broker) { try await function() }
        }
    }
}

extension Trait where Self == LiveBrokerTrait {
    /// Runs a RabbitMQ for the suite: ``LiveBroker/current``.
    static var liveBroker: Self { Self() }
}
