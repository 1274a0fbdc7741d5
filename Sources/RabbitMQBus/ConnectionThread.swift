import Foundation
import Logging
import Synchronization

/// A thread that keeps one connection: librabbitmq blocks, and its connections must not be shared between threads.
///
/// The connection exists only in the thread's own function; what others see of it is here, behind a lock.
final class ConnectionThread: Sendable {
    /// What others see.
    struct Status {
        var isConnected = false
        var since = Date()
        var problem: String?
        /// Attempts that have ended, well or badly.
        var attempts = 0
        var connections = 0
        var isStopping = false
        var isFinished = false
        fileprivate var socket: Int32 = -1
    }

    let name: String
    let wakeup = Wakeup()
    private let settings: RabbitMQSettings
    private let maxAttempts: Int?
    private let logger: Logger
    private let state = Mutex(Status())

    /// - Parameter maxAttempts: after how many it ends, and leaves it to its owner to say so; nil if it is to try for ever.
    init(name: String, settings: RabbitMQSettings, maxAttempts: Int? = nil, logger: Logger) {
        self.name = name
        self.maxAttempts = maxAttempts
        self.settings = settings
        self.logger = logger
    }

    var status: Status { state.withLock(\.self) }
    var isStopping: Bool { state.withLock(\.isStopping) }

    /// Connects, calls `work` with the connection, and begins anew when it throws, until it is to stop.
    /// - Parameter work: returns when the thread is to end; calls `isUp` when the connection is ready for use.
    func start(_ work: @escaping @Sendable (AMQPConnection, _ isUp: () -> Void) throws -> Void) {
        let thread = Thread { [self] in
            keepConnected(work)
            state.withLock {
                $0.isConnected = false
                $0.isFinished = true
            }
        }
        thread.name = "amqp-\(name)"
        thread.start()
    }

    /// Tells the thread to end when its work allows.
    func stop() {
        state.withLock { $0.isStopping = true }
        wakeup.signal()
    }

    /// Ends whatever the thread waits for at its socket.
    func interrupt() {
        // Under the lock, for the thread closes the socket.
        state.withLock { if $0.socket >= 0 { _ = shutdown($0.socket, Int32(SHUT_RDWR)) } }
        wakeup.signal()
    }

    /// Waits until the status is as wanted, at most until `deadline`.
    func wait(until deadline: ContinuousClock.Instant, _ isWanted: @Sendable (Status) -> Bool) async {
        while !isWanted(status), ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private func keepConnected(_ work: (AMQPConnection, () -> Void) throws -> Void) {
        var backoff = Backoff()
        var attempt = 0
        while true {
            let broker = settings.brokers[attempt % settings.brokers.count]
            attempt += 1
            do {
                try connectAndWork(broker, work)
                return
            } catch {
                if status.isConnected { backoff.reset() }
                disconnected(broker, error)
            }
            if isStopping || attempt == maxAttempts { return }
            let delay = backoff.next()
            wakeup.wait(milliseconds: Int32(delay / .milliseconds(1)))
            if isStopping { return }
        }
    }

    private func connectAndWork(
        _ broker: BrokerAddress,
        _ work: (AMQPConnection, () -> Void) throws -> Void
    ) throws {
        let connection = try AMQPConnection(broker, settings: settings, name: "\(settings.connectionName) \(name)")
        state.withLock { $0.socket = connection.socket }
        defer {
            state.withLock { $0.socket = -1 }
            connection.close()
        }
        try work(connection) { connected(broker) }
    }

    private func connected(_ broker: BrokerAddress) {
        state.withLock {
            $0.isConnected = true
            $0.since = Date()
            $0.problem = nil
            $0.attempts += 1
            $0.connections += 1
        }
        logger.info("connected to the broker", metadata: ["broker": "\(broker)", "connection": "\(name)"])
    }

    private func disconnected(_ broker: BrokerAddress, _ error: any Error) {
        let isNews = state.withLock { state in
            defer {
                if state.isConnected { state.since = Date() }
                state.isConnected = false
                state.problem = "\(broker): \(error)"
                state.attempts += 1
            }
            return state.isConnected || state.problem == nil
        }
        logger.log(
            level: isNews && maxAttempts == nil && !isStopping ? .warning : .debug,
            "no connection to the broker: \(error); trying again",
            metadata: ["broker": "\(broker)", "connection": "\(name)"]
        )
    }
}
