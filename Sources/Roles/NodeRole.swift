import Engines
import Foundation
import Logging
import NodeAgent
import Registry
import ServiceLifecycle
import Telemetry

/// `asterism node`: the agent beside one Asterisk, as a process of its own.
package struct NodeRole: Sendable {
    /// What a node is told; what it is not told follows from its number.
    package struct Settings: Sendable {
        package var cluster: ClusterSettings
        /// The node's name; nil is `ast` and the number.
        package var name: String?
        /// The number, from which ports, nickname and entity id follow; nil takes the lowest that is free in the fleet.
        package var number: Int?
        package var nickname: String?
        /// Where the edge, the gateways and the other nodes reach it.
        package var address: String
        /// Where phones send sound, where that is another address.
        package var mediaAddress: String?
        package var portOffset = 0
        package var weight = 1
        package var link = NodeSettings.LinkChoice.automatic
        package var fleetSecret: String
        /// Where the edge is until the registry tells.
        package var edge = HostPort(host: "127.0.0.1", port: 5060)
        package var publishing = PublishingSettings(publishAMIEvents: true)
        /// Where engines and what this node writes are.
        package var stateDirectory: URL
        /// The folder of this node; nil is one of its name in the state directory.
        package var directory: URL?
        package var configDirectory: String?
        /// An Asterisk that runs already, with a configuration of its own; nil has the agent start one.
        package var attached: Attached?

        package init(cluster: ClusterSettings, address: String, fleetSecret: String, stateDirectory: URL) {
            self.cluster = cluster
            self.address = address
            self.fleetSecret = fleetSecret
            self.stateDirectory = stateDirectory
        }
    }

    /// How to reach an Asterisk that somebody else runs.
    package struct Attached: Sendable {
        package var sip: HostPort
        package var ari: HostPort
        package var credentials: Credentials

        package init(sip: HostPort, ari: HostPort, credentials: Credentials) {
            self.sip = sip
            self.ari = ari
            self.credentials = credentials
        }
    }

    private let settings: Settings
    private let logger: Logger

    package init(_ settings: Settings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Runs until SIGTERM: then Asterisk is stopped and the node leaves the registry.
    package func run() async throws {
        let name = settings.name ?? settings.number.map { "ast\($0)" } ?? "node"
        let process = RoleProcess(
            role: "node",
            name: name,
            cluster: settings.cluster,
            bus: settings.cluster.bus(name: "asterism node \(name)"),
            logger: logger
        )
        process.health.bad("asterisk", "has not started yet")
        try await process.run([NodeWork(settings: settings, process: process)])
    }
}

/// The work of a node, which begins when it knows who it is.
private struct NodeWork: Service, CustomStringConvertible {
    let settings: NodeRole.Settings
    let process: RoleProcess

    var description: String { "node" }

    func run() async throws {
        guard let registry = process.registry, let bus = process.bus else { return }
        let slot = NodeSlot(
            registry: registry,
            memory: settings.stateDirectory.appending(path: "number"),
            logger: process.logger
        )
        let node = try await cancelWhenGracefulShutdown { try await self.node(slot) }
        let directory = node.directory
        let installation = try await AsteriskInstallation.find(
            engines: settings.stateDirectory.appending(path: "engines")
        )
        guard node.process == .attached || installation != nil else {
            throw EngineError.programNotFound("asterisk", package: "asterisk (or run `asterism doctor --install`)")
        }
        let agent = NodeAgent(
            settings: node,
            installation: installation ?? .elsewhere,
            templates: try ConfigTemplates.locate(explicit: settings.configDirectory),
            registry: registry,
            bus: bus,
            ledger: ProcessLedger(directory: directory.appendingPathExtension("processes")),
            logger: process.logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await agent.run() }
            group.addTask { await self.watch(node.name, in: registry) }
            try await group.next()
            group.cancelAll()
        }
        await slot.release()
    }

    /// What the registry says of this node is what the status page says.
    private func watch(_ name: String, in registry: any Registry) async {
        for await nodes in await registry.nodeChanges() {
            let record = nodes.first { $0.name == name }
            let problem: String? =
                switch record?.health {
                case .passing, .suspect: record?.isDraining == true ? "is draining" : nil
                case .starting: "is starting"
                case .critical: "does not answer"
                case nil: "is not in the registry yet"
                }
            process.health.report("asterisk", problem: problem)
        }
    }

    private func node(_ slot: NodeSlot) async throws -> NodeSettings {
        if let attached = settings.attached {
            return try await .attached(
                sip: attached.sip,
                ari: attached.ari,
                credentials: attached.credentials,
                nickname: settings.nickname,
                weight: settings.weight,
                publishing: settings.publishing,
                logger: process.logger
            )
        }
        let digits = settings.name.map { String($0.reversed().prefix { $0.isNumber }.reversed()) }
        let number =
            if let number = settings.number ?? digits.flatMap({ Int($0) }) { number } else { try await slot.take() }
        var node = NodeSettings.local(
            number: number,
            runDirectory: settings.stateDirectory,
            fleetSecret: settings.fleetSecret,
            portOffset: settings.portOffset,
            address: settings.address,
            listen: settings.mediaAddress,
            link: settings.link,
            adoptsRunning: true
        )
        node.isMediaAddressLocal = OwnAddress.isOurs(node.mediaAddress)
        node.name = settings.name ?? node.name
        node.nickname = settings.nickname ?? node.nickname
        node.weight = settings.weight
        node.edge = settings.edge
        node.publishing = settings.publishing
        node.directory = settings.directory ?? settings.stateDirectory.appending(path: "nodes/\(node.name)")
        return node
    }
}
