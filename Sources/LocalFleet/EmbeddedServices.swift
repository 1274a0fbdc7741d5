import Access
import Applicationd
import Auth
import EventBus
import Foundation
import Logging
import Registry
import Roles
import ServiceLifecycle
import Telemetry
import Websocketd

/// auth, applicationd and websocketd of a fleet in one process, all on loopback.
struct EmbeddedServices {
    let settings: LocalFleetSettings
    let registry: any Registry
    let bus: any EventBus
    let documents: APIDocumentation
    let logger: Logger

    /// Without the demo applicationd wants tokens, and the first admin's password is made up and printed.
    func make() throws -> [any Service] {
        let installation = try InstallationID.of(settings.stateDirectory)
        let tokens = TokenClient([try AuthAddress("http://\(settings.auth)")])
        return auth(installation) + applicationd(installation, tokens) + websocketd(tokens)
    }

    private func auth(_ installation: String) -> [any Service] {
        var auth = AuthSettings(
            name: "auth",
            address: settings.auth,
            database: .file(settings.stateDirectory.appending(path: "auth.sqlite").path)
        )
        auth.installation = installation
        auth.isDemo = settings.demo
        return AuthRole.services(
            settings: auth,
            advertised: settings.auth,
            registry: registry,
            bus: bus,
            documents: documents.pages("auth"),
            health: Health(role: "auth", name: auth.name),
            logger: logger
        )
    }

    private func applicationd(_ installation: String, _ tokens: TokenClient) -> [any Service] {
        var applicationd = ApplicationdSettings(address: settings.applicationd, gatewayUser: settings.ariUser)
        applicationd.gateway = "http://\(settings.gateway)/ari"
        applicationd.origin = installation
        return ApplicationdRole.services(
            settings: applicationd,
            registry: registry,
            bus: bus,
            documents: documents.pages("applicationd"),
            tokens: settings.demo ? nil : TokenCache(tokens),
            health: Health(role: "applicationd", name: applicationd.name),
            logger: logger
        )
    }

    private func websocketd(_ tokens: TokenClient) -> [any Service] {
        let websocketd = WebsocketdSettings(
            address: settings.websocketd,
            certificate: CertificateFiles(in: settings.stateDirectory)
        )
        return WebsocketdRole.services(
            settings: websocketd,
            advertised: settings.websocketd,
            tokens: tokens,
            registry: registry,
            bus: bus,
            health: Health(role: "websocketd", name: websocketd.name),
            logger: logger
        )
    }
}
