import ArgumentParser

@main
struct FleetSimulator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet-simulator",
        abstract: "Simulated Asterisks before a real gateway, for tests of scale.",
        discussion: """
            Three processes, so that each can be measured by itself: `nodes` holds the simulated Asterisks, `gateway` a real gateway with \
            the links that agents have to their Asterisks, `listen` a client of the gateway's events. Give the first two the same \
            --nodes and --port. Each tells by lines of JSON on its standard output what it has done, takes commands by lines on its \
            standard input where --help names some, and ends with that input or by SIGTERM.
            """,
        subcommands: [NodesCommand.self, GatewayCommand.self, ListenCommand.self]
    )
}
