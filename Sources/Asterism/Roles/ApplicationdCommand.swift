import Access
import Applicationd
import ArgumentParser
import Foundation
import Logging
import Registry
import Roles

struct ApplicationdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "applicationd",
        abstract:
            "Run one of the applicationds of a cluster: applications, calls and nodes over HTTP, events on the bus.",
        discussion: """
            Who it is at the gateway is ASTERISM_ARI_USER and ASTERISM_ARI_PASSWORD; there is no default. Its clients need a token of \
            the auth service, unless --anonymous is given.
            """
    )

    @OptionGroup var options: ClusterOptions
    @Option(help: "Port of HTTP. (default: 8000)") var port: Int?
    @Option(help: "ARI's base URL at the gateway. (default: http://127.0.0.1:8088/ari)") var gateway: String?
    @OptionGroup var auth: AuthOption
    @OptionGroup var proxies: ProxiesOption
    @Flag(
        inversion: .prefixedNo,
        help: "Let everybody in without a token, as wazo-applicationd does. (default: --no-anonymous)"
    )
    var anonymous: Bool?
    @Option(help: "Id of this installation, in every event. (default: as for auth)") var origin: String?
    @Option(help: "Classes of music on hold that the nodes have, comma-separated. (default: default)")
    var music: String?

    func run() async throws {
        let joined = try await options.joined()
        let source = joined.source
        let port = try port ?? source.value("port") ?? 8000
        guard let user = source.string("ari-user"), let password = source.string("ari-password"), !password.isEmpty
        else {
            throw ValidationError(
                "who applicationd is at the gateway is not set: give ASTERISM_ARI_USER and ASTERISM_ARI_PASSWORD"
            )
        }
        var settings = ApplicationdSettings(
            address: HostPort(host: joined.bind, port: port),
            gatewayUser: Credentials(user: user, password: password)
        )
        settings.name = joined.name ?? "applicationd-\(ProcessInfo.processInfo.hostName)-\(port)"
        settings.advertised = HostPort(host: joined.address, port: port)
        settings.proxies = try proxies.trusted(source)
        settings.gateway = gateway ?? source.string("gateway") ?? settings.gateway
        settings.origin = origin ?? source.string("origin") ?? settings.origin
        if let music = music ?? source.string("music") {
            settings.musicClasses = music.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let logger = Logger(label: "asterism.applicationd")
        let documentation = APIDocumentation(
            configDirectory: joined.configDirectory,
            stateDirectory: joined.stateDirectory,
            logger: logger
        )
        try await ApplicationdRole.run(
            settings: settings,
            cluster: joined.cluster,
            documents: documentation.pages("applicationd"),
            tokens: try tokens(source),
            logger: logger
        )
    }

    /// Who says whether a token is good; nil when everybody is let in.
    private func tokens(_ source: SettingsSource) throws -> TokenCache? {
        if try anonymous ?? source.value("applicationd-anonymous") ?? false { return nil }
        return TokenCache(TokenClient(try auth.addresses(source) ?? [.usual]))
    }
}
