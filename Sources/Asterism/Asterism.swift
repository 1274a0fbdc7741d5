import ArgumentParser
import Logging

@main
struct Asterism: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "asterism",
        abstract: "Makes a fleet of stock Asterisk servers behave as one.",
        discussion: """
            `asterism up` starts a fleet on this machine; the other commands work on a running one. Every setting can be given as a \
            flag, as an environment variable (--sip-port is ASTERISM_SIP_PORT) or in a YAML file (sip-port: 5060) named by --config.
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(name: "Fleet:", subcommands: [Up.self, Demo.self]),
            CommandGroup(
                name: "Roles of a cluster:",
                subcommands: [
                    NodeCommand.self, EdgeCommand.self, GatewayCommand.self, FrontCommand.self,
                    AuthCommand.self, ApplicationdCommand.self, WebsocketdCommand.self, App.self,
                ]
            ),
            CommandGroup(
                name: "Operating:",
                subcommands: [
                    Nodes.self, Calls.self, Bridges.self, Scale.self, Drain.self, Undrain.self, Routes.self,
                    Subscribers.self, Events.self, Doctor.self,
                ]
            ),
            CommandGroup(name: "Phone:", subcommands: [CallCommand.self]),
        ]
    )
}
