import ArgumentParser
import Fleet
import Foundation
import LocalFleet
import Logging
import Operator
import Phone
import Registry
import Roles
import Synchronization

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start a fleet, call 8001 and 7001 with the built-in phone, say what was heard, and stop.",
        discussion:
            "Exits with 0 only if every node was heard under its own name and two callers on two nodes heard each other."
    )

    @OptionGroup var options: FleetOptions
    @Option(help: "Folder that keeps what was heard. (default: nothing is kept)") var recordings: String?

    func run() async throws {
        let settings = try await options.settings()
        guard settings.demo else {
            throw ValidationError("the demonstration needs the demo applications: leave out --no-demo")
        }
        try await SpeechPackages.install()
        let wentWell = Mutex(false)
        let fleet = LocalFleet(settings: settings, logger: Logger(label: "asterism"), screen: Screen())
        try await fleet.run { connection in
            let isGood = try await play(FleetClient(connection), connection)
            wentWell.withLock { $0 = isGood }
        }
        guard wentWell.withLock({ $0 }) else {
            printLine("the demonstration did not go as it should")
            throw ExitCode.failure
        }
        printLine("all of it happened")
    }

    private func play(_ fleet: FleetClient, _ connection: FleetConnection) async throws -> Bool {
        let nodes = try await fleet.nodes()
        let demo = DemoContent.subscriber
        let edge = (connection.edge ?? "").split(separator: ":")
        let account = PhoneAccount(
            user: demo.user,
            password: demo.password,
            host: edge.first.map(String.init) ?? "127.0.0.1",
            port: edge.last.flatMap { Int($0) } ?? 5060
        )
        let script = DemoScript(
            account: account,
            nicknames: Dictionary(uniqueKeysWithValues: nodes.map { ($0.name, $0.nickname) }),
            calls: nodes.count * 3,
            recordings: recordings.map { URL(filePath: $0).absoluteURL },
            nodeOf: { call in await Self.node(of: call, fleet) },
            say: printLine
        )
        return try await script.run()
    }

    /// The SIP Call-ID is the same at the phone and at the node.
    private static func node(of call: AnsweredCall, _ fleet: FleetClient) async -> String? {
        for _ in 0..<20 {
            if let found = try? await fleet.calls().first(where: { $0.callID == call.callID }) { return found.node }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return nil
    }
}
