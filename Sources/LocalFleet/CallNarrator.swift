import ARI
import EventBus
import Fleet
import Foundation
import NIOCore
import NIOFoundationCompat
import Operator
import ServiceLifecycle

/// Tells what happens to calls, a line each.
struct CallNarrator: Service {
    let bus: any EventBus
    let say: @Sendable (String) -> Void

    func run() async throws {
        let events = try await bus.subscribe(["stasis.app.#", "stasis.channel.#"], limit: 10_000)
        let decoder = JSONDecoder()
        for await item in events.cancelOnGracefulShutdown() {
            guard let event = try? decoder.decode(Event.self, from: item.body), isWorthTelling(event),
                let line = EventLine.text(event, node: item.node)
            else { continue }
            say(line)
        }
    }

    /// Entry to and exit from an application go to that application only; all else is told once, by the observer's copy.
    private func isWorthTelling(_ event: Event) -> Bool {
        guard let channel = event.channel, LegID(channel: channel) == nil else { return false }
        let isStasis = event.type == "StasisStart" || event.type == "StasisEnd"
        return isStasis != (event.application == NodeMirror.observer)
    }
}
