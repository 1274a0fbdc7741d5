import ARI
import EventBus
import Foundation
import Logging
import Registry
import ServiceLifecycle

/// Follows what is announced, and campaigns for the right to announce: of several instances one leads at a time.
struct Leadership: Service, CustomStringConvertible {
    /// Announced events kept while this instance falls behind; beyond it the leader is asked again.
    private static let backlog = 10_000

    let instance: String
    let announcer: Announcer
    let directory: ApplicationDirectory
    let registry: any Registry
    let bus: any EventBus
    /// Makes the leader of one term.
    let leader: @Sendable () -> Leader
    let logger: Logger

    var description: String { "leadership" }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await directory.follow() }
                group.addTask { for await applications in directory.changes() { await announcer.know(applications) } }
                group.addTask { await followAnnouncements() }
                group.addTask { await synchronise() }
                group.addTask { await campaign() }
            }
        }
    }

    private func followAnnouncements() async {
        var isAway = false
        while !Task.isCancelled {
            do throws(EventBusError) {
                let events = try await bus.listen(limit: Self.backlog)
                isAway = false
                await announcer.hears(true)
                for await event in events { await announcer.hear(event) }
                await announcer.hears(false)
            } catch {
                if !isAway {
                    logger.warning("what is announced cannot be followed for now", metadata: ["error": "\(error)"])
                }
                isAway = true
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Asks, whenever something may have been missed.
    private func synchronise() async {
        while !Task.isCancelled {
            // An answer is heard only once the stream of announcements is open.
            if await announcer.isHearing, await !announcer.isSynchronised, await !announcer.isLeading {
                let holder = try? await registry.entry(RegistryKey.applicationdLeader)
                await announcer.synchronise(hasLeader: holder.map { $0.text != instance } ?? false)
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func campaign() async {
        while await !announcer.isSynchronised, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(20)) }
        guard !Task.isCancelled else { return }
        let (results, result) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        // Not a child of ours, which would end before the leader does: nobody else shall lead until that one has said its last word.
        let campaign = Task {
            for await elected in await registry.campaign(
                for: RegistryKey.applicationdLeader,
                as: Array(instance.utf8)
            ) { result.yield(elected) }
            result.finish()
        }
        defer { campaign.cancel() }
        var elections = results.makeAsyncIterator()
        var isElected = await elections.next()
        while let elected = isElected {
            logger.info("\(elected ? "leads" : "follows")", metadata: ["instance": "\(instance)"])
            guard elected else {
                isElected = await elections.next()
                continue
            }
            isElected = await withTaskGroup(of: Void.self) { group in
                group.addTask { await leader().run() }
                let next = await elections.next()
                group.cancelAll()
                return next
            }
        }
    }
}
