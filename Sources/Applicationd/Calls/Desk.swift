import ARI
import Registry
import WebAPI

/// What the work for clients shares: the gateway, what is known of calls, and whether an application and its calls exist.
struct Desk: Sendable {
    let client: ARIClient
    let announcer: Announcer
    let directory: ApplicationDirectory
    let registry: any Registry

    /// - Throws: 404 `no-such-application`, 503.
    func requireApplication(_ application: String) async throws(WebError) {
        let exists: Bool
        do throws(RegistryError) {
            exists = try await directory.contains(application)
        } catch {
            throw .registryUnreachable
        }
        guard exists else { throw .noSuchApplication(application) }
    }

    /// A call that has been announced is known; the gateway is asked for any other.
    /// - Throws: 404 `no-such-application`, `no-such-call`, 503.
    func requireCall(_ call: String, of application: String) async throws(WebError) {
        if await announcer.call(call, of: application) != nil { return }
        try await requireApplication(application)
        guard ChannelKind.isCall(id: call), try await members(of: application).contains(call) else {
            throw .noSuchCall(call)
        }
    }

    /// The channels of an application, those that are being dialled included. A node registers it a moment after the registry.
    func members(of application: String) async throws(WebError) -> Set<String> {
        do throws(ARIError) {
            return try await Set(client.applications.get(application).channelIDs)
        } catch {
            if error.status == 404 { return [] }
            throw WebError(error, missing: .noSuchApplication(application))
        }
    }

    /// Asks the gateway.
    /// - Parameter missing: what 404 means.
    func ask<Answer>(
        missing: WebError,
        _ body: (ARIClient) async throws(ARIError) -> Answer
    ) async throws(WebError) -> Answer {
        do throws(ARIError) {
            return try await body(client)
        } catch {
            throw WebError(error, missing: missing)
        }
    }

    /// Does something to a call of an application.
    func act(
        on call: String,
        of application: String,
        _ body: (ARIClient) async throws(ARIError) -> Void
    ) async throws(WebError) {
        try await requireCall(call, of: application)
        try await ask(missing: .noSuchCall(call), body)
    }

    /// Every bridge of the fleet that is a node of the application.
    func nodes(of application: String) async throws(WebError) -> [CallNode] {
        try await ask(missing: .noSuchApplication(application)) { client async throws(ARIError) in
            try await client.bridges.list()
        }
        .filter { $0.name == application }.map { CallNode($0) }
    }
}
