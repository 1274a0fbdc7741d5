import ArgumentParser
import Fleet
import Operator

struct Scale: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Change the number of nodes; a node that goes drains first."
    )
    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "How many nodes there shall be.") var nodes: Int
    @Option(help: "Seconds to wait until it is so; 0 does not wait.") var timeout = 60

    func run() async throws {
        let client = try await connection.client()
        try await client.resize(to: nodes)
        let deadline = ContinuousClock.now + .seconds(timeout)
        var told = ""
        while timeout > 0 {
            let reports = try await client.nodes()
            if reports.count == nodes, reports.allSatisfy({ $0.state == .up || $0.state == .draining }) {
                return try connection.output.write(reports) { TextTable(nodes: $0) }
            }
            let state = reports.map { "\($0.name) \($0.state)\($0.state == .draining ? " (\($0.calls) calls)" : "")" }
                .joined(separator: ", ")
            if state != told, connection.output == .text { printLine(state) }
            told = state
            guard ContinuousClock.now < deadline else {
                throw OperatorError.timedOut("the fleet has \(state); it goes on towards \(nodes) nodes")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        try connection.output.write(try await client.nodes()) { TextTable(nodes: $0) }
    }
}

struct Drain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give a node no new calls; those on it go on, there or, with --move, on other nodes."
    )
    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The node's name.") var node: String
    @Flag(help: "Move its calls to other nodes; a call whose phone does not let itself be moved stays, and is listed.")
    var move = false
    @Option(help: "Seconds to wait until its last call is over; 0 does not wait. (default: 0)") var wait = 0

    func run() async throws {
        let client = try await connection.client()
        var report = try await client.drain(node)
        if move {
            let evacuation = await Evacuation(of: node, by: client).run(calls: try await client.calls()) { line in
                if connection.output == .text { printLine(line) }
            }
            if connection.output == .text { printLine(evacuation.summary) }
            report = try await client.nodes().first { $0.name == node } ?? report
        }
        let deadline = ContinuousClock.now + .seconds(wait)
        while wait > 0, report.calls + report.legs > 0 {
            guard ContinuousClock.now < deadline else {
                throw OperatorError.timedOut("\(node) takes no new calls and still has \(report.calls)")
            }
            try await Task.sleep(for: .milliseconds(500))
            guard let latest = try await client.nodes().first(where: { $0.name == node }) else { return }
            report = latest
        }
        try connection.output.write([report]) { TextTable(nodes: $0) }
    }
}

struct Undrain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let a draining node take calls again.")
    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The node's name.") var node: String

    func run() async throws {
        let report = try await connection.client().undrain(node)
        try connection.output.write([report]) { TextTable(nodes: $0) }
    }
}
