import ArgumentParser
import EdgeAgent
import Operator

struct Subscribers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say which SIP accounts may register.",
        subcommands: [List.self, Add.self, Remove.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the subscribers.")
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try connection.output.write(try await connection.client().subscribers()) { TextTable(subscribers: $0) }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a SIP account, or change its password. Only a digest of the password leaves this command."
        )
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The account's name.") var name: String
        @Option(help: "The password; without it one line is read from standard input.") var password: String?
        @Option(help: "The digest realm.") var realm = "asterism"

        func run() async throws {
            guard let password = password ?? readLine(), !password.isEmpty else {
                throw ValidationError("a password is needed: --password, or a line on standard input")
            }
            let subscriber = try await connection.client().addSubscriber(
                name,
                realm: realm,
                ha1: SIPDigest.ha1(user: name, realm: realm, password: password)
            )
            try connection.output.write([subscriber]) { TextTable(subscribers: $0) }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a SIP account.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The account's name.") var name: String

        func run() async throws { try await connection.client().removeSubscriber(name) }
    }
}
