import ArgumentParser
import LocalFleet
import Logging

struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start a fleet on this machine: nodes, edge, gateway and the demo applications.",
        discussion: "Runs in the foreground. Ctrl-C or SIGTERM stops everything and leaves nothing behind."
    )

    @OptionGroup var options: FleetOptions

    func run() async throws {
        let fleet = LocalFleet(
            settings: try await options.settings(),
            logger: Logger(label: "asterism"),
            screen: Screen()
        )
        try await fleet.run()
    }
}
