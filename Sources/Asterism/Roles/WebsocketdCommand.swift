import Access
import ArgumentParser
import Foundation
import Logging
import Registry
import Roles
import Websocketd

struct WebsocketdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "websocketd",
        abstract: "Run one of the websocketds of a cluster: events of applications and of auth over WebSocket.",
        discussion: """
            ws:// and wss:// are on the same port. Without --certificate and --key a certificate is made at the first start and kept in \
            the state directory.
            """
    )

    @OptionGroup var options: ClusterOptions
    @OptionGroup var auth: AuthOption
    @Option(help: "Port of WebSocket, with TLS and without. (default: 9502)") var port: Int?
    @Option(help: "PEM file with the certificate chain.") var certificate: String?
    @Option(help: "PEM file with the certificate's key.") var key: String?
    @Option(
        help: "How a session finds out that its token has ended: dynamic, or seconds between checks. (default: dynamic)"
    )
    var recheck: String?
    @Option(help: "UUID of the tenant whose users see every tenant's events. (default: none)") var masterTenant: String?
    @Option(help: "Connections at once. (default: 10000)") var maximumConnections: Int?

    func run() async throws {
        let joined = try await options.joined()
        let source = joined.source
        let port = try port ?? source.value("port") ?? 9502
        var settings = WebsocketdSettings(
            address: HostPort(host: joined.bind, port: port),
            certificate: try certificateFiles(source, stateDirectory: joined.stateDirectory)
        )
        settings.name = joined.name ?? "websocketd-\(ProcessInfo.processInfo.hostName)-\(port)"
        settings.recheck = try recheckStrategy(source)
        settings.masterTenant = masterTenant ?? source.string("master-tenant")
        settings.maximumConnections =
            try maximumConnections ?? source.value("maximum-connections") ?? settings.maximumConnections
        try await WebsocketdRole.run(
            settings: settings,
            advertised: HostPort(host: joined.address, port: port),
            auth: try auth.addresses(source) ?? [.usual],
            cluster: joined.cluster,
            logger: Logger(label: "asterism.websocketd")
        )
    }

    private func certificateFiles(_ source: SettingsSource, stateDirectory: URL) throws -> CertificateFiles {
        switch (certificate ?? source.string("certificate"), key ?? source.string("key")) {
        case (let certificate?, let key?): return CertificateFiles(certificate: certificate, key: key)
        case (nil, nil): return CertificateFiles(in: stateDirectory)
        default: throw ValidationError("--certificate and --key go together: one of them is missing")
        }
    }

    private func recheckStrategy(_ source: SettingsSource) throws -> Session.Recheck {
        let text = recheck ?? source.string("recheck") ?? "dynamic"
        if text == "dynamic" { return .dynamic }
        guard let seconds = Int(text), seconds > 0 else {
            throw ValidationError("--recheck is '\(text)'; give dynamic, or a number of seconds")
        }
        return .every(.seconds(seconds))
    }
}
