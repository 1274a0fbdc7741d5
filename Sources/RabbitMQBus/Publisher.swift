import EventBus
import Foundation
import Logging
import Synchronization

/// Publishes what it is handed, in order, over a connection of its own.
final class Publisher<Event: Bulky>: Sendable {
    /// How events of a kind are sent.
    struct Manner: Sendable {
        /// The connection's name.
        var name: String
        /// Makes sure that the exchanges exist.
        var prepare: @Sendable (AMQPConnection) throws -> Void
        /// The message that carries an event, and its exchange.
        var message: @Sendable (Event) -> (AMQPMessage, exchange: String)
    }

    private struct State {
        var buffer: PublishBuffer<Event>
        var isStarted = false
        var isClosed = false
        var dropped = 0
        var droppedInOutage = 0
        var confirmed = 0
    }

    let thread: ConnectionThread
    private let manner: Manner
    private let settings: RabbitMQSettings
    private let logger: Logger
    private let state: Mutex<State>

    init(_ manner: Manner, settings: RabbitMQSettings, logger: Logger) {
        self.manner = manner
        self.settings = settings
        self.logger = logger
        thread = ConnectionThread(name: manner.name, settings: settings, logger: logger)
        state = Mutex(
            State(
                buffer: PublishBuffer(
                    maximumCount: settings.bufferedEvents,
                    maximumBytes: settings.bufferedBytes
                )
            )
        )
    }

    /// Whether anything was ever to be published, so that there is a connection.
    var isStarted: Bool { state.withLock(\.isStarted) }
    /// What waits and what became of the rest.
    var counts: PublishCounts {
        state.withLock {
            PublishCounts(
                buffered: $0.buffer.count,
                unconfirmed: $0.buffer.unconfirmed,
                dropped: $0.dropped,
                confirmed: $0.confirmed
            )
        }
    }

    /// Takes an event. Waits only while the buffer is full and the broker is there to empty it.
    func publish(_ event: Event) async throws(EventBusError) {
        let hasRoom = state.withLock { $0.buffer.hasRoom(for: event) }
        if !hasRoom { await waitForRoom(event) }
        let (dropped, isFirst, isStarting, isClosed) = state.withLock { state -> (Int, Bool, Bool, Bool) in
            guard !state.isClosed else { return (0, false, false, true) }
            let dropped = state.buffer.append(event)
            let isFirst = dropped > 0 && state.droppedInOutage == 0
            state.dropped += dropped
            state.droppedInOutage += dropped
            let isStarting = !state.isStarted
            state.isStarted = true
            return (dropped, isFirst, isStarting, false)
        }
        if isClosed { throw .unavailable("it has been shut down") }
        if isFirst {
            logger.error("the buffer for the broker is full: the oldest events are being lost")
        }
        if dropped > 0 { settings.onLoss(dropped) }
        if isStarting { start() }
        thread.wakeup.signal()
    }

    /// Takes nothing more, and sends what is left until `deadline`.
    func shutDown(until deadline: ContinuousClock.Instant) async {
        state.withLock { $0.isClosed = true }
        guard isStarted else { return }
        while state.withLock({ $0.buffer.count > 0 }), ContinuousClock.now < deadline {
            thread.wakeup.signal()
            try? await Task.sleep(for: .milliseconds(5))
        }
        let left = state.withLock(\.buffer.count)
        if left > 0 { logger.error("events could not be sent before the end", metadata: ["lost": "\(left)"]) }
        thread.stop()
        await thread.wait(until: .now + .milliseconds(300)) { $0.isFinished }
        thread.interrupt()
    }

    private func waitForRoom(_ event: Event) async {
        let deadline = ContinuousClock.now + settings.patience
        while ContinuousClock.now < deadline, thread.status.isConnected, !Task.isCancelled {
            if state.withLock({ $0.buffer.hasRoom(for: event) }) { return }
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    private func start() {
        thread.start { [self] connection, isUp in
            try manner.prepare(connection)
            try connection.selectConfirms()
            let lost = state.withLock { state in
                state.buffer.reconnect()
                defer { state.droppedInOutage = 0 }
                return state.droppedInOutage
            }
            isUp()
            if lost > 0 {
                logger.error("events were lost while the broker was away", metadata: ["lost": "\(lost)"])
            }
            try send(over: connection)
        }
    }

    private func send(over connection: AMQPConnection) throws {
        while true {
            let events = state.withLock { $0.buffer.takeUnsent(window: settings.unconfirmedEvents) }
            for event in events {
                let (message, exchange) = manner.message(event)
                try connection.publish(message, exchange: exchange)
            }
            var didConfirm = false
            while let confirmation = try connection.nextConfirmation() {
                guard case .taken(let tag, let multiple) = confirmation else {
                    // Sent again over a new connection, for only so the order is kept.
                    throw AMQPError(action: "publishing", problem: "the broker could not take an event")
                }
                state.withLock { state in
                    let before = state.buffer.count
                    state.buffer.confirm(tag: tag, multiple: multiple)
                    state.confirmed += before - state.buffer.count
                }
                didConfirm = true
            }
            if thread.isStopping { return }
            if events.isEmpty, !didConfirm {
                thread.wakeup.wait(socket: connection.socket, milliseconds: connection.pollMilliseconds)
            }
        }
    }
}
