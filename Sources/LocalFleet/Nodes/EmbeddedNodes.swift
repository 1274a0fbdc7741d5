import Engines
import EventBus
import Foundation
import Logging
import NodeAgent
import Registry

/// Nodes whose agents run in this process.
struct EmbeddedNodes: NodeLauncher {
    let settings: LocalFleetSettings
    let run: RunDirectory
    let installation: AsteriskInstallation
    let templates: ConfigTemplates
    let registry: any Registry
    let bus: any EventBus
    let secret: String
    let logger: Logger

    func name(of number: Int) -> String { node(number).name }

    func run(_ number: Int) async throws {
        let agent = NodeAgent(
            settings: node(number),
            installation: installation,
            templates: templates,
            registry: registry,
            bus: bus,
            ledger: run.ledger,
            logger: logger
        )
        try await agent.run()
    }

    private func node(_ number: Int) -> NodeSettings { settings.node(number, run: run, secret: secret) }
}
