import Access
import ArgumentParser
import Foundation
import Gateway
import Logging
import Registry
import Roles

struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Run one of the gateways of a cluster: the fleet's ARI, events and operators' API.",
        discussion: """
            Who may use ARI is ASTERISM_ARI_USER and ASTERISM_ARI_PASSWORD, who may operate the fleet is `operator` with \
            ASTERISM_OPERATOR_PASSWORD; there are no defaults. With --auth, tokens \
            that grant ari.# or fleet.# (or parts of them) do as well.
            """
    )

    @OptionGroup var options: ClusterOptions
    @Option(help: "Port of HTTP and WebSocket. (default: 8088)") var port: Int?

    @OptionGroup var auth: AuthOption
    @OptionGroup var proxies: ProxiesOption

    @Option(help: "Seconds after which an event socket's token is checked again, at most. (default: 60)")
    var tokenRecheck: Int?

    func run() async throws {
        let joined = try await options.joined()
        let source = joined.source
        let port = try port ?? source.value("port") ?? 8088
        guard let user = source.string("ari-user"), let password = source.string("ari-password"), !password.isEmpty
        else {
            throw ValidationError("who may use ARI is not set: give ASTERISM_ARI_USER and ASTERISM_ARI_PASSWORD")
        }
        var operators: [Credentials] = []
        if let secret = source.string("operator-password"), !secret.isEmpty {
            operators.append(Credentials(user: "operator", password: secret))
        }
        var settings = GatewaySettings(
            address: HostPort(host: joined.bind, port: port),
            ariUsers: [Credentials(user: user, password: password)],
            operators: operators
        )
        settings.name = joined.name ?? "gateway-\(ProcessInfo.processInfo.hostName)-\(port)"
        settings.advertised = HostPort(host: joined.address, port: port)
        settings.proxies = try proxies.trusted(source)
        if let seconds = try tokenRecheck ?? source.value("token-recheck") {
            guard seconds > 0 else { throw ValidationError("--token-recheck is \(seconds); give a number of seconds") }
            settings.tokenRecheck = .seconds(seconds)
        }
        let logger = Logger(label: "asterism.gateway")
        try await GatewayRole(
            settings: settings,
            cluster: joined.cluster,
            documents: APIDocumentation(
                configDirectory: joined.configDirectory,
                stateDirectory: joined.stateDirectory,
                logger: logger
            ),
            tokens: try auth.addresses(source).map { TokenCache(TokenClient($0)) },
            logger: logger
        ).run()
    }
}
