import ARI
import CoreMetrics
import EventBus
import Foundation
import Logging
import NIOCore
import Telemetry

/// Keeps the ``Chronicle`` of this instance, and announces what it says while this instance leads.
///
/// A change of the chronicle and the place of its events in the queue are one step, so that clients hear of things in the order in
/// which they happened, whoever brings the news.
actor Announcer {
    /// Events that may wait for the bus; beyond it whoever brings more waits too, and the gateway keeps the events meanwhile.
    private static let limit = 10_000

    private let bus: any EventBus
    private let instance: String
    private let origin: String
    private let metrics: ApplicationdMetrics
    private let logger: Logger
    private var chronicle = Chronicle()
    private var queue = CircularBuffer<ServiceEvent>()
    private var knowsApplications = false
    private var isSending = false
    private var lastMark: UInt64 = 0
    private var heardMark: UInt64 = 0
    /// Whether this instance leads.
    private(set) var isLeading = false
    /// Whether what is announced is heard.
    private(set) var isHearing = false
    /// Whether this instance knows what was announced before it came.
    private(set) var isSynchronised = false

    /// - Parameter origin: the id of this installation.
    init(bus: any EventBus, instance: String, origin: String, metrics: ApplicationdMetrics, logger: Logger) {
        self.bus = bus
        self.instance = instance
        self.origin = origin
        self.metrics = metrics
        self.logger = logger
    }

    // MARK: What is known

    /// What is known of a call beyond its channel.
    func call(_ id: String, of application: String) -> Call? { chronicle.call(id, of: application) }

    /// What is known of an application.
    func chapter(_ application: String) -> Chronicle.Chapter { chronicle[application] }

    /// Takes in which applications there are.
    func know(_ applications: [String: ApplicationRecord]) {
        knowsApplications = true
        chronicle.applications = applications
    }

    /// The tenant of an application.
    func tenant(of application: String) -> String? { chronicle.applications[application]?.tenant }

    // MARK: Leading

    /// Begins to announce, when everything announced by others has been heard.
    func lead() async {
        await passMark(atMost: .seconds(10))
        isLeading = true
        metrics.leading.set(1.0)
    }

    /// Sends a mark, and waits until it has been heard: all that was announced before has been heard then.
    private func passMark(atMost patience: Duration) async {
        lastMark += 1
        let mark = lastMark
        try? await bus.announce(InstanceMessage.mark(of: instance, mark).event)
        await wait(atMost: patience) { $0.heardMark >= mark }
    }

    /// Leaves it to another; what that one announces from now on is learned.
    func retire() {
        isLeading = false
        metrics.leading.set(0.0)
        isSynchronised = false
    }

    /// Announces what a change of the chronicle means.
    /// - Returns: what is to be done besides.
    func change(_ body: @Sendable (inout Chronicle) -> [Chronicle.Directive]) async -> [Chronicle.Directive] {
        guard isLeading else { return [] }
        let directives = body(&chronicle)
        let timestamp = Timestamp.now()
        for case .announce(let announcement) in directives {
            metrics.events.count(announcement.name)
            queue.append(
                announcement.event(
                    origin: origin,
                    tenant: chronicle.applications[announcement.application]?.tenant,
                    timestamp: timestamp
                )
            )
        }
        await send()
        return directives.filter { if case .announce = $0 { false } else { true } }
    }

    // MARK: Hearing

    /// Asks what was announced before: the leader, which alone knows it to the last event, or when that has died, whoever else was
    /// there. Nobody answers the first instance.
    func synchronise(hasLeader: Bool) async {
        guard !isLeading else { return }
        if hasLeader {
            await ask(all: false)
            await wait(atMost: .seconds(2)) { $0.isSynchronised }
        }
        if !isSynchronised {
            await ask(all: true)
            // Others have the question when we have what we sent after it, however slow the bus is.
            await passMark(atMost: .seconds(5))
            await wait(atMost: .seconds(1)) { $0.isSynchronised }
        }
        if !isSynchronised, hasLeader { logger.warning("nobody said what has been announced") }
        isSynchronised = true
    }

    private func ask(all: Bool) async {
        try? await bus.announce(InstanceMessage.stateWanted(by: instance, ofAll: all).event)
    }

    /// What is announced is heard from now on, or no longer: then events may have been missed.
    func hears(_ isHearing: Bool) {
        self.isHearing = isHearing
        if !isHearing, !isLeading { isSynchronised = false }
    }

    /// Takes in what came over the bus.
    func hear(_ event: ServiceEvent) async {
        switch InstanceMessage(event) {
        case .stateWanted(by: let other, let all)? where other != instance && (isLeading || all && isSynchronised):
            queue.append(InstanceMessage.state(for: other, chronicle).event)
            await send()
        case .state(for: instance, let state)? where !isLeading:
            let applications = knowsApplications ? chronicle.applications : state.applications
            chronicle = state
            chronicle.applications = applications
            isSynchronised = true
        case .mark(of: instance, let mark)?: heardMark = max(heardMark, mark)
        case nil where !isLeading: chronicle.learn(event)
        default: break
        }
    }

    /// Sends what waits, in order. One caller sends for all.
    private func send() async {
        guard !isSending else { return await wait(atMost: .seconds(30)) { $0.queue.count < Self.limit } }
        isSending = true
        defer { isSending = false }
        while let event = queue.first {
            do throws(EventBusError) {
                try await bus.announce(event)
                queue.removeFirst()
            } catch {
                logger.warning("an event waits for the bus", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(200))
                if Task.isCancelled { return }
            }
        }
    }

    private func wait(atMost patience: Duration, until condition: (isolated Announcer) -> Bool) async {
        let deadline = ContinuousClock.now + patience
        while !condition(self), ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// The time as events carry it.
enum Timestamp {
    /// ISO 8601 in UTC with milliseconds.
    static func now() -> String {
        Date().formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
            .replacingOccurrences(of: "Z", with: "") + "+00:00"
    }
}
