import ArgumentParser
import Auth
import Foundation
import Logging
import Registry
import Roles

struct AuthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth",
        abstract: "Run one of the auth services of a cluster: users, policies and tokens.",
        discussion: """
            The first start makes the user 'admin'; its password is ASTERISM_AUTH_ADMIN_PASSWORD, or one that is made up and printed once. \
            Several instances share a PostgreSQL named by ASTERISM_AUTH_DATABASE, such as postgresql://auth:secret@db.example/auth.
            """
    )

    @OptionGroup var options: ClusterOptions
    @Option(help: "Port of HTTP. (default: 9497)") var port: Int?
    @Option(
        help: "File of SQLite, where ASTERISM_AUTH_DATABASE names no PostgreSQL. (default: auth.sqlite in --state-dir)"
    )
    var database: String?
    @OptionGroup var proxies: ProxiesOption
    @Option(help: "Id of this installation, in every event; as for applicationd. (default: made at the first start)")
    var origin: String?
    @Flag(inversion: .prefixedNo, help: "The first admin is admin/secret; on loopback only. (default: --no-auth-demo)")
    var authDemo: Bool?

    func run() async throws {
        let joined = try await options.joined()
        let source = joined.source
        let port = try port ?? source.value("port") ?? 9497
        let logger = Logger(label: "asterism.auth")
        var settings = AuthSettings(
            name: joined.name ?? "auth-\(ProcessInfo.processInfo.hostName)-\(port)",
            address: HostPort(host: joined.bind, port: port),
            database: try store(joined)
        )
        settings.proxies = try proxies.trusted(source)
        settings.installation = origin ?? source.string("origin")
        settings.adminPassword = source.string("auth-admin-password").flatMap { $0.isEmpty ? nil : $0 }
        settings.isDemo = try authDemo ?? source.value("auth-demo") ?? false
        guard !settings.isDemo || ["127.0.0.1", "::1", "localhost"].contains(joined.bind) else {
            throw ValidationError("--auth-demo has a password that everybody knows: it goes with --bind 127.0.0.1 only")
        }
        let documentation = APIDocumentation(
            configDirectory: joined.configDirectory,
            stateDirectory: joined.stateDirectory,
            logger: logger
        )
        try await AuthRole.run(
            settings: settings,
            advertised: HostPort(host: joined.address, port: port),
            cluster: joined.cluster,
            documents: documentation.pages("auth"),
            logger: logger
        )
    }

    private func store(_ joined: ClusterOptions.Joined) throws -> AuthDatabase {
        if let path = database { return .file(path) }
        guard let text = joined.source.string("auth-database"), !text.isEmpty else {
            return .file(joined.stateDirectory.appending(path: "auth.sqlite").path)
        }
        if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") { return .postgreSQL(text) }
        guard !text.contains("://") else {
            throw ValidationError(
                "ASTERISM_AUTH_DATABASE is neither a file nor postgresql://user:password@host/database"
            )
        }
        return .file(text)
    }
}
