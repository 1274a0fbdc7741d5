import ArgumentParser
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

struct NodesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes",
        abstract: "Simulated Asterisks, which dial the links of `fleet-simulator gateway`.",
        discussion: """
            Commands: `calls <per node> <a second>` has calls come in until each node has so many; `events <a second> <seconds>` has \
            things happen to them; `hangup <a second>` ends them; `held` tells how many there are.
            """
    )

    @OptionGroup var plan: FleetPlan

    func run() async throws {
        try await SimulatorProcess.run(NodesService(plan: plan))
    }
}

/// The simulated Asterisks of a fleet, on one event loop.
struct NodesService: Service {
    let plan: FleetPlan

    private struct Ready: Encodable { var ready: Int }
    private struct Held: Encodable { var held: Int }

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let asterisks = plan.all.map(SimulatedAsterisk.init)
        for asterisk in asterisks { _ = try await SimulatedARIHandler.listen(for: asterisk, group: group) }
        try await cancelWhenGracefulShutdown {
            try await withThrowingDiscardingTaskGroup { tasks in
                for asterisk in asterisks { tasks.addTask { await asterisk.keepLinks(group: group) } }
                while !asterisks.allSatisfy(\.isLinked) { try await Task.sleep(for: .milliseconds(50)) }
                CommandLines.say(Ready(ready: asterisks.count))
                let traffic = SimulatedTraffic(asterisks: asterisks, loop: group.next())
                for await words in CommandLines.read() {
                    do {
                        try await obey(words, traffic)
                    } catch let error as SimulatorError {
                        CommandLines.say(error)
                    }
                }
                tasks.cancelAll()
            }
        }
    }

    private func obey(_ words: [String], _ traffic: SimulatedTraffic) async throws {
        let numbers = words.dropFirst().compactMap(Double.init)
        guard numbers.count == words.count - 1, numbers.allSatisfy({ (0...10_000_000).contains($0) }) else {
            throw SimulatorError("what follows a command are numbers, not \(words.dropFirst().joined(separator: " "))")
        }
        switch (words.first, numbers.count) {
        case ("calls", 2):
            CommandLines.say(try await traffic.call(perNode: Int(numbers[0]), rate: Int(numbers[1])))
        case ("events", 2):
            CommandLines.say(try await traffic.happen(rate: Int(numbers[0]), seconds: numbers[1]))
        case ("hangup", 1): CommandLines.say(try await traffic.hangUp(rate: Int(numbers[0])))
        case ("held", 0): CommandLines.say(Held(held: traffic.asterisks.reduce(0) { $0 + $1.calls }))
        default: throw SimulatorError("no such command: \(words.joined(separator: " ")); see --help")
        }
    }
}
