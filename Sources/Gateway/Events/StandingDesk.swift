import ARI
import Fleet

/// Tells sockets of the calls that were there before them.
struct StandingDesk: Sendable {
    let directory: FleetDirectory
    let hub: EventHub

    /// A socket has opened: it is told of the calls of its applications, a worker of those that no other worker has.
    func tellAll(_ socket: EventSocket) {
        guard let wish = socket.wish else { return }
        for each in events(of: wish.applications, as: wish.standing) {
            guard let channel = each.event["channel"]?["id"]?.string else { continue }
            guard
                wish.group == nil || hub.give(channel, of: each.application, to: socket)
                    || hub.has(channel, of: each.application, socket)
            else { continue }
            send(each, as: wish.standing, to: socket)
        }
    }

    /// A worker is gone: another is told of the calls that it has from it.
    func tell(_ handedOver: HandedOver) {
        guard let wish = handedOver.worker.wish else { return }
        for each in events(of: [handedOver.application], as: wish.standing) {
            guard let channel = each.event["channel"]?["id"]?.string, handedOver.channels.contains(channel) else {
                continue
            }
            send(each, as: wish.standing, to: handedOver.worker)
        }
    }

    private func events(of applications: [String], as standing: Standing) -> [AddressedEvent] {
        directory.read { state in
            standing.events(of: applications, in: state, timestamp: EventText.timestamp(), encode: EventText.json)
        }
    }

    private func send(_ each: AddressedEvent, as standing: Standing, to socket: EventSocket) {
        hub.tell(EventText.encode(each.event), type: standing.rawValue, of: each.application, to: socket)
    }
}
