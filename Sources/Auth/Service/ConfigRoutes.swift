import ARI
import Hummingbird
import Logging
import Telemetry
import WebAPI

/// `GET` and `PATCH /config`: what the administrators of the whole installation see and change while it runs, of one process.
struct ConfigRoutes: AuthRouting {
    let core: AuthCore

    func add(to router: some RouterMethods<WebContext>) {
        requiring("config.read", router).get("config") { request, context in
            try await requireMaster(request, context)
            return try answer(config)
        }
        requiring("config.update", router).patch("config") { request, context in
            try await requireMaster(request, context)
            let steps = try await request.json([Step].self, context)
            // All or nothing, as RFC 5789 section 2 wants it.
            for change in try steps.map({ step throws(WebError) in try step.change() }) { change() }
            return try answer(config)
        }
    }

    private var config: JSONValue {
        .object(["debug": .bool(core.logger.logLevel <= .debug), "profiling_enabled": .bool(false)])
    }

    /// - Throws: ``WebError`` 401 for who is not of the master tenant.
    private func requireMaster(_ request: Request, _ context: WebContext) async throws {
        let caller = try await core.caller(request, context)
        guard try await core.read({ try Tenant.find(caller.tenant, caller.scope, $0) })?.isMaster == true else {
            throw WebError.api(.unauthorized, "unauthorized", "Only for the master tenant")
        }
    }

    /// One operation of a JSON Patch (RFC 6902).
    private struct Step: Decodable, Sendable {
        var op: String
        var path: String
        var value: JSONValue?

        func change() throws(WebError) -> () -> Void {
            guard op == "replace" else { throw .invalid("op", "must be replace") }
            guard let value = value?.bool else { throw .invalid("value", "must be true or false") }
            switch path {
            case "/debug": return { DebugLogs.isOn = value }
            case "/profiling_enabled":
                guard !value else { throw .invalid("value", "this service has no profiler: only false can be had") }
                return {}
            default: throw .invalid("path", "must be /debug or /profiling_enabled")
            }
        }
    }
}
