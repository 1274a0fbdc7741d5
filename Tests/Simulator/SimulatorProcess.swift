import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// One part of a simulated fleet as a process: until its standard input ends, or SIGTERM.
enum SimulatorProcess {
    static func run(_ services: any Service...) async throws {
        raiseFileLimit()
        var logger = Logger(label: "fleet-simulator") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    .init(
                        service: $0,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup
                    )
                },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        do {
            try await group.run()
        } catch is CancellationError {
            // Told to stop while it was at something.
        }
    }

    /// A node needs half a dozen connections in each process.
    private static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
