import EventBus
import Logging
import ServiceLifecycle
import Telemetry

/// Hears the events of services and hands them to the sessions. When the bus is lost every session ends, for it would miss events and
/// not know it, and the bus is tried again.
struct BusListener: Service, CustomStringConvertible {
    private static let delays: [Duration] = [1, 2, 4].map { .seconds($0) }

    let bus: any EventBus
    let hub: SessionHub
    let metrics: WebsocketdMetrics
    let backlog: Int
    let health: Health
    let logger: Logger

    var description: String { "bus listener" }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var attempt = 0
            while !Task.isCancelled {
                do throws(EventBusError) {
                    let events = try await bus.listen(limit: backlog)
                    attempt = 0
                    await hear(events)
                    if !Task.isCancelled { logger.warning("the bus was lost; every session ends") }
                } catch {
                    logger.log(
                        level: attempt == 0 ? .warning : .debug,
                        "no events can be heard: \(error); trying again"
                    )
                    health.bad("events", "\(error)")
                }
                hub.isBusUp = false
                await hub.closeAll(Task.isCancelled ? .stopping : .busLost)
                try? await Task.sleep(for: Self.delays[min(attempt, Self.delays.count - 1)])
                attempt += 1
            }
        }
    }

    private func hear(_ events: AsyncStream<ServiceEvent>) async {
        hub.isBusUp = true
        health.good("events")
        for await event in events {
            do throws(HeardEvent.Problem) {
                let wanted = await hub.deliver(try HeardEvent(event))
                for _ in 0..<wanted { metrics.events.count("delivered") }
                if wanted == 0 { metrics.events.count("unwanted") }
            } catch {
                metrics.events.count(error.rawValue)
                logger.debug(
                    "an event is for nobody",
                    metadata: ["problem": "\(error.rawValue)", "key": "\(event.routingKey)"]
                )
            }
        }
        health.bad("events", "the bus was lost")
    }
}
