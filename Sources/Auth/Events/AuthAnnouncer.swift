import Access
import EventBus
import Foundation
import Logging

/// Tells the bus what happened. A bus that is away keeps nobody from logging in: the event is lost then, and the log says so.
struct AuthAnnouncer: Sendable {
    let bus: any EventBus
    let installation: String
    let logger: Logger

    func announce(_ events: [AuthEvent]) async {
        guard !events.isEmpty else { return }
        let timestamp = WireTime.text(Date()) + "+00:00"
        for event in events {
            do throws(EventBusError) {
                try await bus.announce(event.event(installation: installation, timestamp: timestamp))
            } catch {
                logger.warning("an event is lost", metadata: ["event": "\(event.name)", "error": "\(error)"])
                return
            }
        }
    }
}
