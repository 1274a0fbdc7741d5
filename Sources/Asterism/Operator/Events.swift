import ArgumentParser
import Operator

struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what happens in the fleet, as it happens.",
        discussion:
            "Text is one line per event that tells a call's story; JSON is one object per line, with every event."
    )
    @OptionGroup var connection: ConnectionOptions
    @Flag(name: .shortAndLong, help: "Go on until interrupted.") var follow = false
    @Flag(help: "Show every event as text too.") var all = false
    @Option(help: "Without --follow: seconds to listen.") var duration = 5

    func run() async throws {
        let client = try await connection.client()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [output = connection.output, all] in
                try await client.followEvents { followed in
                    switch output {
                    case .json: printLine(followed.json)
                    case .text:
                        if let line = EventLine.text(followed.event, node: followed.node, everything: all) {
                            printLine(line)
                        }
                    }
                }
            }
            if !follow { group.addTask { [duration] in try await Task.sleep(for: .seconds(duration)) } }
            try await group.next()
            group.cancelAll()
        }
    }
}
