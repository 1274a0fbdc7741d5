import Fleet
import NIOWebSocket
import Registry
import ServiceLifecycle

/// Follows on which gateways applications are held: sockets that lost one are told, and where a gateway died with its sockets the
/// conductor removes what nobody holds.
struct ApplicationWatch: Service {
    let registry: any Registry
    let applications: Applications
    let directory: FleetDirectory
    let filters: EventFilters
    let subscribers: BridgeSubscribers
    let settings: GatewaySettings

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await followHolders() }
                group.addTask { await removeLapsed() }
                group.addTask { await restoreLost() }
                group.addTask { await filters.follow() }
                group.addTask { await subscribers.follow() }
            }
        }
    }

    private func followHolders() async {
        for await entries in await registry.changes(under: RegistryKey.holders) {
            for lost in await applications.follow(entries) {
                let id = directory.read { $0.anyAlive()?.id } ?? ""
                for former in lost.formers {
                    // Workers of one group came to two gateways at once: those here join the others.
                    if lost.isShared {
                        former.close(.goingAway, "another gateway leads the group; connect again")
                    } else {
                        former.send(EventText.applicationReplaced(lost.name, entityID: id))
                    }
                }
            }
        }
    }

    private func restoreLost() async {
        for await entries in await registry.changes(under: RegistryKey.applications) {
            await applications.restore(
                missingFrom: Set(entries.keys.map { String($0.dropFirst(RegistryKey.applications.count)) })
            )
        }
    }

    private func removeLapsed() async {
        var lapse = ApplicationLapse()
        for await entries in await registry.changes(under: RegistryKey.socketApplications).ticking(.seconds(1)) {
            await applications.tidy()
            guard directory.read({ $0.isConducting }) else {
                lapse = ApplicationLapse()
                continue
            }
            let marked = Set(entries.keys.map { String($0.dropFirst(RegistryKey.socketApplications.count)) })
            let lapsed = lapse.lapsed(
                marked: marked,
                held: await applications.held,
                now: .now,
                // Longer than a gateway that lives takes for its own.
                linger: settings.applicationLinger + .seconds(2)
            )
            for application in lapsed { await applications.unregister(application) }
        }
    }
}

extension AsyncStream where Element: Sendable {
    /// The newest element, when it comes and then again and again.
    fileprivate func ticking(_ interval: Duration) -> AsyncStream<Element> {
        let (stream, continuation) = AsyncStream.makeStream(of: Element.self, bufferingPolicy: .bufferingNewest(1))
        let task = Task {
            await withTaskGroup { group in
                let newest = NewestElement<Element>()
                group.addTask {
                    while !Task.isCancelled {
                        try? await Task.sleep(for: interval)
                        if let element = await newest.element { continuation.yield(element) }
                    }
                }
                for await element in self { await newest.set(element) }
                group.cancelAll()
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }
}

private actor NewestElement<Element: Sendable> {
    private(set) var element: Element?

    func set(_ element: Element) { self.element = element }
}
