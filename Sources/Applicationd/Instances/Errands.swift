import ARI
import Foundation
import Logging
import Registry

/// Does what events ask for besides being announced, beside the events that follow. What fails is left: the call that it was for has
/// most likely gone.
struct Errands: Sendable {
    /// Errands that may wait; what is beyond is not done.
    private static let limit = 10_000
    /// Errands at a time.
    private static let width = 32

    private let client: ARIClient
    private let registry: any Registry
    private let logger: Logger
    private let waiting: AsyncStream<Chronicle.Directive>
    private let continuation: AsyncStream<Chronicle.Directive>.Continuation

    init(client: ARIClient, registry: any Registry, logger: Logger) {
        self.client = client
        self.registry = registry
        self.logger = logger
        (waiting, continuation) = AsyncStream.makeStream(
            of: Chronicle.Directive.self,
            bufferingPolicy: .bufferingOldest(Self.limit)
        )
    }

    func add(_ directives: [Chronicle.Directive]) {
        for directive in directives {
            if case .dropped = continuation.yield(directive) { logger.warning("too much waits to be done") }
        }
    }

    /// Works until the task is cancelled.
    func work() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await directive in waiting {
                if running == Self.width {
                    await group.next()
                    running -= 1
                }
                group.addTask { await perform(directive) }
                running += 1
            }
        }
    }

    private func perform(_ directive: Chronicle.Directive) async {
        switch directive {
        case .announce: break
        case .join(let call, let node, _): await join(call, node)
        case .endNode(let node): await end(node)
        case .endSnoop(let snoop, let application, let channel): await end(snoop, application, channel)
        }
    }

    private func join(_ call: String, _ node: String) async {
        do throws(ARIError) {
            try await client.bridges.addChannel(node, channel: [call])
        } catch {
            logger.notice(
                "the call did not join its node",
                metadata: ["call": "\(call)", "node": "\(node)", "error": "\(error)"]
            )
        }
    }

    /// A call that has ended may be in its bridge for a moment yet, and another may come: it is looked at for a second.
    private func end(_ node: String) async {
        for _ in 0..<10 {
            guard let bridge = try? await client.bridges.get(node) else { return }
            if bridge.channels.isEmpty {
                try? await client.bridges.destroy(node)
                return
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    private func end(_ snoop: String, _ application: String, _ ended: String?) async {
        let key = RegistryKey.applicationSnoop(snoop, of: application)
        guard let entry = try? await registry.entry(key),
            let record = try? JSONDecoder().decode(SnoopRecord.self, from: Data(entry.value))
        else { return }
        // The record may be newer than what the event was held against.
        if let ended, record.channel != ended { return }
        try? await registry.remove(key)
        if let channel = record.channel { try? await client.channels.hangup(channel) }
        try? await client.bridges.destroy(snoop)
    }
}
