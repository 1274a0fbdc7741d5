import ArgumentParser
import Operator

struct Routes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say which application takes the calls to a number.",
        subcommands: [List.self, Add.self, Remove.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the routes.")
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try connection.output.write(try await connection.client().routes()) { TextTable(routes: $0) }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send the calls to a number to an application.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The number that is dialled.") var number: String
        @Argument(help: "The application's name.") var application: String

        func run() async throws {
            let route = try await connection.client().addRoute(number, application: application)
            try connection.output.write([route]) { TextTable(routes: $0) }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a number unknown again.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The number.") var number: String

        func run() async throws { try await connection.client().removeRoute(number) }
    }
}
