import ARI
import HTTPTypes
import Registry
import WebAPI

/// Placing calls.
extension Desk {
    /// Dials a number of the dialplan.
    /// - Parameter node: which the call joins when it is answered.
    func place(_ wish: CallRequest, of application: String, node: String? = nil) async throws(WebError) -> Call {
        try await requireApplication(application)
        if let node { try await requireNode(node, of: application) }
        return try await originate("Local/\(wish.extension)@\(wish.context)/n", wish.options, application, node)
    }

    /// Dials a subscriber of the fleet, whose account is named by the user's id.
    func call(_ wish: UserCallRequest, of application: String, node: String) async throws(WebError) -> Call {
        try await requireApplication(application)
        try await requireNode(node, of: application)
        let subscriber: RegistryEntry?
        do throws(RegistryError) {
            subscriber = try await registry.entry(RegistryKey.subscriber(wish.userUUID))
        } catch {
            throw .registryUnreachable
        }
        guard subscriber != nil else {
            throw .api(
                .badRequest,
                "no-such-user",
                "No subscriber is named \(wish.userUUID); `asterism subscribers` lists and makes them",
                details: ["user_uuid": wish.userUUID],
                resource: "users"
            )
        }
        var options = wish.options
        options.variables[CallVariable.user] = wish.userUUID
        return try await originate("PJSIP/\(wish.userUUID)@edge", options, application, node)
    }

    private func originate(
        _ endpoint: String,
        _ options: OriginateOptions,
        _ application: String,
        _ node: String?
    ) async throws(WebError) -> Call {
        let channel = try await ask(missing: .invalid("Nothing can be dialled at \(endpoint)")) {
            client async throws(ARIError) in
            try await client.channels.originate(
                endpoint: endpoint,
                app: application,
                appArgs: node.map { "originate,\($0)" } ?? "originate",
                callerID: options.callerID,
                channelID: ChannelKind.newOriginatedID(),
                variables: options.channelVariables.mapValues { .string($0) }
            )
        }
        var call = Call(channel, tenant: await announcer.tenant(of: application))
        call.variables = options.variables.filter { CallVariable.isShown($0.key) }
        call.userUUID = options.variables[CallVariable.user]
        return call
    }
}
