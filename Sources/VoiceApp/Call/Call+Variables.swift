import ARI

/// The dialplan's side of the call.
extension Call {
    /// A channel variable, a global variable of the node, or a dialplan function such as `CALLERID(num)`; nil when it is not set.
    public func variable(_ name: String) async throws -> String? {
        do {
            return try await request { try await $0.channels.getChannelVar(id, variable: name).value }
        } catch CallError.failed(.refused(status: 404, _, _)) {
            return nil
        }
    }

    /// Sets a channel variable.
    public func setVariable(_ name: String, to value: String) async throws {
        try await request { try await $0.channels.setChannelVar(id, variable: name, value: value) }
    }

    /// Gives the call back to the dialplan, which ends it for this application.
    /// - Parameters:
    ///   - context: nil for where it came from.
    ///   - extension: nil for the next priority.
    public func continueInDialplan(context: String? = nil, extension: String? = nil) async throws {
        try await request { client in
            try await client.channels.continueInDialplan(id, context: context, extension: `extension`)
        }
        // The event may take a while; the call must not be hung up meanwhile because `onCall` has returned.
        end()
    }
}
