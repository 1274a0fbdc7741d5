import ArgumentParser
import Operator

struct Nodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the nodes: state, calls, addresses.")
    @OptionGroup var connection: ConnectionOptions
    @Flag(help: "Show each node's ARI user and password too (with --output json).") var showSecrets = false

    func run() async throws {
        let nodes = try await connection.client().nodes(showSecrets: showSecrets)
        try connection.output.write(nodes) { TextTable(nodes: $0) }
    }
}

struct Calls: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the calls of the whole fleet.")
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try connection.output.write(try await connection.client().calls()) { TextTable(calls: $0) }
    }
}

struct Bridges: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the fleet bridges with their home and legs.")
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try connection.output.write(try await connection.client().bridges()) { TextTable(bridges: $0) }
    }
}
