import ARI
import Foundation
import Logging
import NIOCore
import Registry

/// The fallback for Asterisk before 22.5: the agent dials. Events that happen while a link is down are lost, and the list of
/// applications of an open link cannot be changed, so that a new link takes over before the old one is closed.
extension NodeAgent {
    /// Keeps both links until the task is cancelled.
    func dialLinks() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepLink(.observer, [NodeConfiguration.observer], number: 0) {} }
            group.addTask { await self.keepApplicationLinks() }
        }
    }

    /// One link for each list of applications; the one before ends when the new one is up.
    private func keepApplicationLinks() async {
        var current: (task: Task<Void, Never>, number: Int)?
        var number = 0
        for await applications in applicationLists() {
            number += 1
            let previous = current?.task
            guard !applications.isEmpty else {
                previous?.cancel()
                current = nil
                continue
            }
            let task = Task { [number] in
                await self.keepLink(.applications, applications, number: number) { previous?.cancel() }
                previous?.cancel()
            }
            current = (task, number)
        }
        current?.task.cancel()
        await current?.task.value
    }

    /// Dials until the task is cancelled, again whenever the link breaks.
    private func keepLink(
        _ link: AsteriskLink,
        _ applications: [String],
        number: Int,
        whenUp: @escaping @Sendable () -> Void
    ) async {
        while !Task.isCancelled {
            if health.isAnswering {
                do {
                    let socket = try await ari.events.eventWebsocket(
                        app: applications,
                        subscribeAll: link == .observer
                    )
                    took(LinkChange(link: link, connection: number, isUp: true))
                    whenUp()
                    for application in applications { announce(application) }
                    let receive: @Sendable (ByteBuffer) -> Void = { self.receive($0) }
                    _ = try await socket.run { message, _ in
                        if case .text(let text) = message { receive(text) }
                    }
                } catch {
                    logger.debug("the \(link.rawValue) link: \(error)")
                }
                took(LinkChange(link: link, connection: number, isUp: false))
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Asterisk tells of registrations on links that it dialled only; consumers are to see no difference.
    private func announce(_ application: String) {
        let time = Date.now.formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted)
        )
        receive(
            ByteBuffer(
                string: """
                    {"type":"ApplicationRegistered","timestamp":"\(time)","application":"\(application)",\
                    "asterisk_id":"\(settings.id)"}
                    """
            )
        )
    }
}
