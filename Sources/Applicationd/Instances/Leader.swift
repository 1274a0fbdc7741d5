import ARI
import Fleet
import Foundation
import Logging
import Registry

/// What the instance that leads does, for one term: it follows the gateway's events and the registry's records, and announces what they mean.
struct Leader: Sendable {
    let announcer: Announcer
    let directory: ApplicationDirectory
    let registry: any Registry
    let client: ARIClient
    let errands: Errands
    let logger: Logger

    /// Leads until the task is cancelled.
    func run() async {
        await announcer.lead()
        if !Task.isCancelled {
            await withDiscardingTaskGroup { group in
                group.addTask { await errands.work() }
                group.addTask { await followApplications() }
                group.addTask { await followNodes() }
                group.addTask { await followSnoops() }
            }
        }
        await announcer.retire()
    }

    private func followApplications() async {
        let sockets = EventSockets(client: client, logger: logger) { feed, applications in
            await take(feed, of: applications)
        }
        for await applications in directory.changes() {
            await sockets.carry(Set(applications.keys))
        }
        await sockets.close()
    }

    private func take(_ feed: EventFeed, of applications: [String]) async {
        switch feed {
        case .event(let event): errands.add(await announcer.change { $0.take(event) })
        case .connected: await resynchronise(applications)
        case .disconnected: break
        }
    }

    /// Events come from now on: what happened before is seen in the lists.
    private func resynchronise(_ applications: [String]) async {
        while !Task.isCancelled {
            do throws(ARIError) {
                let subscriptions = try await client.applications.list()
                let channels = try await client.channels.list()
                let bridges = try await client.bridges.list()
                let members = Dictionary(
                    subscriptions.map { ($0.name, Set($0.channelIDs)) },
                    uniquingKeysWith: { $0.union($1) }
                )
                for application in applications {
                    let own = channels.filter { members[application]?.contains($0.id) == true }
                    errands.add(
                        await announcer.change { $0.resynchronise(application, channels: own, bridges: bridges) }
                    )
                }
                return
            } catch {
                logger.warning("the calls cannot be listed; trying again", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// ARI says nothing of a bridge that has no channel, the registry's records do.
    private func followNodes() async {
        for await entries in await registry.changes(under: RegistryKey.bridges) {
            var made: [String: [String: String]] = [:]
            for entry in entries.values {
                guard let bridge = try? JSONDecoder().decode(FleetBridge.Record.self, from: Data(entry.value)),
                    NamedUUID.isUUID(bridge.name), bridge.ending != true
                else { continue }
                made[bridge.name, default: [:]][bridge.id] = bridge.creationtime
            }
            let recorded = made
            errands.add(
                await announcer.change { chronicle in
                    chronicle.applications.keys.sorted().flatMap {
                        chronicle.follow(nodes: recorded[$0] ?? [:], of: $0)
                    }
                }
            )
        }
    }

    private func followSnoops() async {
        for await entries in await registry.changes(under: RegistryKey.applicationSnoops) {
            var byApplication: [String: [String: SnoopRecord]] = [:]
            for (key, entry) in entries {
                let words = key.dropFirst(RegistryKey.applicationSnoops.count).split(separator: "/")
                guard words.count == 2,
                    let record = try? JSONDecoder().decode(SnoopRecord.self, from: Data(entry.value))
                else { continue }
                byApplication[String(words[0]), default: [:]][record.snoop.uuid] = record
            }
            let recorded = byApplication
            errands.add(
                await announcer.change { chronicle in
                    chronicle.applications.keys.sorted().flatMap {
                        chronicle.follow(snoops: recorded[$0] ?? [:], of: $0)
                    }
                }
            )
        }
    }
}
