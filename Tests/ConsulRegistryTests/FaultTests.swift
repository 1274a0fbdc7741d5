import Foundation
import Registry
import Testing

@testable import ConsulRegistry

@Suite("Consul, nodes and processes that fail", .serialized, .timeLimit(.minutes(5)))
struct FaultTests {
    @Test("a killed node is suspect within about three seconds, and well again when it answers")
    func killedNode() async throws {
        try await ConsulFixture.with(port: 22120) { consul in
            let registry = consul.registry()
            try await running([registry]) {
                try await registry.register(node("ast1", ariPort: 22491))
                var fastest = Duration.seconds(60)
                // A machine that is busy with other tests may be late once, but not each time.
                for _ in 1...3 where fastest >= .seconds(4) {
                    let page = try await StatusPage.open(port: 22491)
                    try await wait(in: registry.nodeChanges()) { $0.first?.health == .passing }
                    try await page.close()
                    let (_, elapsed) = try await wait(in: registry.nodeChanges()) { $0.first?.health == .suspect }
                    fastest = min(fastest, elapsed)
                }
                #expect(fastest < .seconds(4))
                let again = try await StatusPage.open(port: 22491)
                try await wait(in: registry.nodeChanges()) { $0.first?.health == .passing }
                try await again.close()
            }
        }
    }

    @Test("a name is free for another node only when its holder is dead")
    func takeover() async throws {
        try await ConsulFixture.with(port: 22130) { consul in
            let registries = [
                consul.registry {
                    $0.takeoverPatience = .milliseconds(200)
                    $0.heartbeat = .milliseconds(50)
                    // A page that answers late on a busy machine is not dead.
                    $0.checkTimeout = .seconds(10)
                },
                consul.registry { $0.takeoverPatience = .seconds(30) },
            ]
            try await running(registries) {
                let page = try await StatusPage.open(port: 22492)
                try await registries[0].register(node("ast1", ariPort: 22492))
                let other = consul.registry { $0.takeoverPatience = .milliseconds(200) }
                await #expect(throws: RegistryError.self) {
                    try await other.register(node("ast1", id: "another", ariPort: 22493))
                }
                await #expect(throws: RegistryError.self) {
                    try await other.register(node("ast2", id: "eid-ast1", ariPort: 22493))
                }
                // The agent that returns to its living Asterisk is no other node.
                try await other.register(node("ast1", ariPort: 22492))
                try await page.close()
                // Waits until Consul has noticed.
                try await registries[1].register(node("ast1", id: "another", ariPort: 22493))
                #expect(try await registries[1].nodes().map(\.id) == ["another"])
                // Its former holder does not take it back, and does not take it away when it goes.
                try await eventually { await registries[0].displacedNodes == ["ast1"] }
                try await registries[0].deregister(node: "ast1")
                #expect(try await registries[1].nodes().map(\.id) == ["another"])
            }
        }
    }

    @Test("a hung Consul keeps the last state, refuses in time, and everything catches up when it goes on")
    func hung() async throws {
        try await ConsulFixture.with(port: 22140) { consul in
            let registry = consul.registry { $0.requestTimeout = .seconds(2) }
            let other = consul.registry()
            try await running([registry]) {
                try await registry.set([1], for: "routes/1")
                var changes = await registry.changes(under: "routes/").makeAsyncIterator()
                #expect(await changes.next()?.count == 1)
                await consul.signal(SIGSTOP)
                let start = ContinuousClock.now
                await #expect(throws: RegistryError.self) { _ = try await registry.entry("routes/1") }
                #expect(ContinuousClock.now - start < .seconds(10))
                await consul.signal(SIGCONT)
                try await eventually { (try? await other.set([2], for: "routes/2")) != nil }
                #expect(await changes.next()?.count == 2)
            }
        }
    }

    @Test("a Consul killed and started again: watches catch up, announced keys and campaigns come back")
    func restarted() async throws {
        try await ConsulFixture.with(port: 22150) { consul in
            let registry = consul.registry()
            try await running([registry]) {
                let page = try await StatusPage.open(port: 22494)
                try await registry.register(node("ast1", ariPort: 22494))
                try await registry.announce([7], for: "gateways/one")
                let holds = Latest(await registry.campaign(for: "conductor", as: [1]))
                let nodes = Latest(await registry.nodeChanges())
                try await eventually { await holds.value == true }
                try await eventually { await nodes.value?.first?.health == .passing }
                var keys = await registry.changes(under: "routes/").makeAsyncIterator()
                #expect(await keys.next()?.isEmpty == true)
                let version = try #require(try await registry.entry("gateways/one")).version
                #expect(version > 0)

                await consul.kill()
                // Deposed no later than Consul would say so.
                try await eventually { await holds.value == false }
                #expect(await nodes.value?.map(\.name) == ["ast1"])
                try await consul.start()
                try await registry.set([2], for: "routes/2")
                #expect(await keys.next()?.count == 1)
                try await eventually { await holds.value == true }
                try await eventually { try await registry.entry("gateways/one")?.value == [7] }
                try await eventually { await nodes.value?.first?.health == .passing }
                let entry = try #require(try await registry.entry("routes/2"))
                #expect(try await registry.compareAndSet([3], for: "routes/2", expected: entry.version))
                #expect(try await !registry.compareAndSet([4], for: "routes/2", expected: entry.version))
                try await page.close()
            }
        }
    }

    @Test("a Consul that was asked in vain again and again answers as soon as it is back")
    func askedInVain() async throws {
        try await ConsulFixture.with(port: 22190) { consul in
            let registry = consul.registry()
            try await running([registry]) {
                try await registry.set([1], for: "routes/1")
                await consul.kill()
                await withTaskGroup { group in
                    for _ in 0..<60 { group.addTask { try? await registry.set([2], for: "routes/1") } }
                }
                try await consul.start()
                let start = ContinuousClock.now
                try await eventually { (try? await registry.set([3], for: "routes/1")) != nil }
                // Whoever had to wait out the questions that were in vain would need a minute.
                #expect(ContinuousClock.now - start < .seconds(15))
            }
        }
    }

    @Test("a Consul that lost everything makes nodes suspect, not lost, until their agents bring them back")
    func emptied() async throws {
        try await ConsulFixture.with(port: 22160) { consul in
            let agent = consul.registry()
            // It only looks on, and hears of the loss before the agent has repaired it.
            let gateway = consul.registry()
            let page = try await StatusPage.open(port: 22495)
            let seen = Latest<[NodeRecord]>()
            let known = Latest<[NodeRecord]>()
            try await running([gateway]) {
                await seen.follow(gateway.nodeChanges())
                try await running([agent]) {
                    await known.follow(agent.nodeChanges())
                    try await agent.register(node("ast1", ariPort: 22495))
                    try await agent.setDraining(true, node: "ast1")
                    try await eventually { await seen.value?.first?.isDraining == true }
                    // When Consul has lost it, nobody but the agent knows.
                    try await eventually { await known.value?.first?.isDraining == true }
                }
                await seen.forget()
                await consul.kill()
                try consul.wipe()
                try await consul.start()
                try await eventually { await seen.value?.first?.health == .suspect }
                try await running([agent]) {
                    try await eventually { await seen.value?.first?.health == .passing }
                    #expect(await seen.value?.first?.isDraining == true)
                    #expect(await seen.hasBeen { $0.first?.takesCalls == true } == false)
                    #expect(await seen.hasBeen { $0.isEmpty } == false)
                }
            }
            try await page.close()
        }
    }

    @Test("a process that hangs loses what it holds within five seconds, and knows it first")
    func silent() async throws {
        try await ConsulFixture.with(port: 22170) { consul in
            // After its first sign of life it says nothing for an hour.
            let other = consul.registry()
            var fastest = Duration.seconds(60)
            try await running([other]) {
                // A machine that is busy with other tests may be late once, but not each time.
                for turn in 1...3 where fastest >= .seconds(5) {
                    let silent = consul.registry { $0.heartbeat = .seconds(3600) }
                    let key = "conductor-\(turn)"
                    try await running([silent]) {
                        let first = Latest(await silent.campaign(for: key, as: Array("a".utf8)))
                        try await silent.announce([1], for: "gateways/a")
                        try await eventually { await first.hasBeen { $0 } }
                        let start = ContinuousClock.now
                        let second = Latest(await other.campaign(for: key, as: Array("b".utf8)))
                        try await eventually { await second.value == true }
                        fastest = min(fastest, ContinuousClock.now - start)
                        try await eventually { await first.value == false }
                        #expect(try await other.entry(key)?.text == "b")
                        #expect(try await other.entry("gateways/a") == nil)
                    }
                }
            }
            #expect(fastest < .seconds(5))
        }
    }

    @Test("a process whose check has expired before it had a session gets one")
    func lateSession() async throws {
        try await ConsulFixture.with(port: 22210) { consul in
            let registry = consul.registry()
            let check = NodeServices.check(ofService: registry.processID)
            func isGood() async -> Bool {
                (try? await registry.client.openSession(name: "probe", checks: [check])) != nil
            }
            // As far as one comes with a Consul that loses its leader then.
            try await eventually {
                try await registry.client.register(
                    NodeServices.process(id: registry.processID, settings: registry.settings)
                )
                return await isGood()
            }
            try await eventually { await !isGood() }
            try await running([registry]) {
                try? await registry.announce([1], for: "gateways/one")
                try await eventually { try await registry.entry("gateways/one")?.value == [1] }
            }
        }
    }

    @Test("the next address is used when the first is dead, and when it dies")
    func failover() async throws {
        try await ConsulFixture.with(port: 22180) { consul in
            let dead = ConsulAddress(host: "127.0.0.1", port: 22199)
            let registry = consul.registry { $0.addresses = [dead, $0.addresses[0]] }
            try await running([registry]) {
                try await registry.set([1], for: "routes/1")
                #expect(try await registry.entry("routes/1")?.value == [1])
                try await registry.announce([2], for: "gateways/one")
                var changes = await registry.changes(under: "routes/").makeAsyncIterator()
                #expect(await changes.next()?.count == 1)
            }
        }
    }
}

/// Keeps the newest element of a stream, and all that went before.
actor Latest<Element: Sendable> {
    private var elements: [Element] = []

    init() {}

    init(_ stream: AsyncStream<Element>) {
        Task { await self.take(stream) }
    }

    var value: Element? { elements.last }

    func forget() { elements = Array(elements.suffix(1)) }

    func hasBeen(_ condition: (Element) -> Bool) -> Bool { elements.contains(where: condition) }

    func follow(_ stream: AsyncStream<Element>) {
        Task { await self.take(stream) }
    }

    private func take(_ stream: AsyncStream<Element>) async {
        for await element in stream { elements.append(element) }
    }
}
