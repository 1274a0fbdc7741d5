import Foundation
import Registry
import Testing

/// What every registry must do, whichever engine is behind it.
///
/// One at a time: the nodes of these tests have the same ids, and so have their services at one Consul agent.
@Suite("Registry conformance", .serialized, .timeLimit(.minutes(5)))
struct RegistryConformance {
    /// Every implementation of the port.
    enum Implementation: String, CaseIterable, CustomTestStringConvertible {
        case embedded, consul

        var testDescription: String { rawValue }

        /// A registry that is new and empty.
        func withRegistry(_ body: @Sendable (any Registry) async throws -> Void) async throws {
            switch self {
            case .embedded: try await body(EmbeddedRegistry())
            case .consul: try await SharedConsul.shared.withRegistry(body)
            }
        }
    }

    private static func node(_ name: String, id: String) -> NodeRecord {
        NodeRecord(
            name: name,
            id: id,
            nickname: name,
            sip: HostPort(host: "127.0.0.1", port: 5071),
            ari: HostPort(host: "127.0.0.1", port: 8101),
            ariCredentials: Credentials(user: "u", password: "p"),
            incarnation: "1",
            health: .passing
        )
    }

    @Test("nodes are listed by name, replaced and forgotten", arguments: Implementation.allCases)
    func nodes(implementation: Implementation) async throws {
        try await implementation.withRegistry { registry async throws in
            try await registry.register(Self.node("ast2", id: "b"))
            try await registry.register(Self.node("ast1", id: "a"))
            var changed = Self.node("ast1", id: "a")
            changed.health = .critical
            try await registry.register(changed)
            #expect(try await registry.nodes().map(\.name) == ["ast1", "ast2"])
            #expect(try await registry.nodes().first?.health == .critical)
            try await registry.deregister(node: "ast1")
            try await registry.deregister(node: "never there")
            #expect(try await registry.nodes().map(\.name) == ["ast2"])
        }
    }

    @Test("a second node with the entity id of another is refused", arguments: Implementation.allCases)
    func conflict(implementation: Implementation) async throws {
        try await implementation.withRegistry { registry async throws in
            try await registry.register(Self.node("ast1", id: "same"))
            await #expect(throws: RegistryError.self) { try await registry.register(Self.node("ast2", id: "same")) }
            #expect(try await registry.nodes().map(\.name) == ["ast1"])
        }
    }

    @Test("draining is kept when a node registers again", arguments: Implementation.allCases)
    func draining(implementation: Implementation) async throws {
        try await implementation.withRegistry { registry async throws in
            try await registry.register(Self.node("ast1", id: "a"))
            try await registry.setDraining(true, node: "ast1")
            try await registry.register(Self.node("ast1", id: "a"))
            #expect(try await registry.nodes().first?.isDraining == true)
            try await registry.setDraining(false, node: "ast1")
            #expect(try await registry.nodes().first?.isDraining == false)
            await #expect(throws: RegistryError.unknownNode("ast9")) {
                try await registry.setDraining(true, node: "ast9")
            }
        }
    }

    @Test("watchers see the present first and the newest state after changes", arguments: Implementation.allCases)
    func watching(implementation: Implementation) async throws {
        try await implementation.withRegistry { registry async throws in
            var changes = await registry.nodeChanges().makeAsyncIterator()
            #expect(await changes.next()?.isEmpty == true)
            try await registry.register(Self.node("ast1", id: "a"))
            #expect(await changes.next()?.map(\.name) == ["ast1"])

            var keys = await registry.changes(under: "routes/").makeAsyncIterator()
            #expect(await keys.next()?.isEmpty == true)
            try await registry.set([1], for: "other/key")
            try await registry.set(Array("tts".utf8), for: "routes/8001")
            #expect(await keys.next()?["routes/8001"]?.text == "tts")
        }
    }

    @Test("compare-and-set lets exactly one of many win", arguments: Implementation.allCases)
    func compareAndSet(implementation: Implementation) async throws {
        try await implementation.withRegistry { registry async throws in
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for contender in 0..<20 {
                    group.addTask {
                        try await registry.compareAndSet([UInt8(contender)], for: "bridges/b", expected: nil)
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(winners == 1)
            let entry = try #require(try await registry.entry("bridges/b"))
            #expect(try await registry.compareAndSet([99], for: "bridges/b", expected: entry.version))
            #expect(try await !registry.compareAndSet([98], for: "bridges/b", expected: entry.version))
            #expect(try await registry.entry("bridges/b")?.value == [99])
        }
    }

    @Test("keys are listed by prefix and removed", arguments: Implementation.allCases)
    func keys(implementation: Implementation) async throws {
        try await implementation.withRegistry { registry async throws in
            for key in ["a/1", "a/2", "b/1"] { try await registry.set(Array(key.utf8), for: key) }
            #expect(try await Set(registry.entries(under: "a/").keys) == ["a/1", "a/2"])
            try await registry.remove("a/1")
            try await registry.remove("a/1")
            #expect(try await Set(registry.entries(under: "a/").keys) == ["a/2"])
        }
    }

    @Test("routes and subscribers of the embedded registry outlive it, the rest does not")
    func persistence() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "registry-\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let first = try EmbeddedRegistry(lasting: LastingKeys(file: file))
        try await first.set(Array("tts".utf8), for: "routes/8001")
        try await first.set(Array("x".utf8), for: "bridges/b")
        let second = try EmbeddedRegistry(lasting: LastingKeys(file: file))
        #expect(await second.entry("routes/8001")?.text == "tts")
        #expect(await second.entry("bridges/b") == nil)
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        try Data("not json".utf8).write(to: file)
        #expect(throws: RegistryError.self) { try EmbeddedRegistry(lasting: LastingKeys(file: file)) }
    }

    @Test("an announced key is there for all", arguments: Implementation.allCases)
    func announce(implementation: Implementation) async throws {
        try await implementation.withRegistry { registry async throws in
            try await registry.announce(Array("here".utf8), for: "gateways/one")
            #expect(try await registry.entry("gateways/one")?.text == "here")
        }
    }

    @Test("of two campaigners one holds the key, and the other when it gives up", arguments: Implementation.allCases)
    func campaign(implementation: Implementation) async throws {
        try await implementation.withRegistry { registry async throws in
            var first: AsyncStream<Bool>.AsyncIterator? = await registry.campaign(for: "conductor", as: Array("a".utf8))
                .makeAsyncIterator()
            #expect(await first?.next() == true)
            #expect(try await registry.entry("conductor")?.text == "a")
            var second = await registry.campaign(for: "conductor", as: Array("b".utf8)).makeAsyncIterator()
            #expect(await second.next() == false)
            first = nil
            #expect(await second.next() == true)
            #expect(try await registry.entry("conductor")?.text == "b")
        }
    }
}
