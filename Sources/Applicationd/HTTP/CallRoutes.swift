import ARI
import Access
import HTTPTypes
import Hummingbird
import WebAPI

/// Calls of an application, and what is done to one. Where both generations of the API have a path, its verb tells which answers;
/// answering and hanging up are one request in both and answer `null`, which the clients of both take.
struct CallRoutes: Sendable {
    private static let calls = ApplicationRoutes.path + "/calls"
    private static let call = calls + "/:call_id"

    let desk: Desk
    let tokens: (any TokenChecking)?
    let musicClasses: [String]

    func add(to router: Router<WebContext>) {
        route("read", router).get(.init(Self.calls)) { _, context in
            try await JSONBody.answer(["items": desk.calls(of: context.application)])
        }
        route("create", router).post(.init(Self.calls)) { request, context in
            let application = try context.application
            let wish = try await request.json(CallRequest.self, context)
            return try await JSONBody.answer(desk.place(wish, of: application), status: .created)
        }
        route("{call_id}.delete", router).delete(.init(Self.call)) { _, context in
            try await desk.hangUp(context.call, of: context.application)
            return try JSONBody.null()
        }
        route("{call_id}.answer.update", router).put(.init(Self.call + "/answer")) { _, context in
            try await desk.answer(context.call, of: context.application)
            return try JSONBody.null()
        }
        addMuting(to: router)
        addWaiting(to: router)
        addDigits(to: router)
        addVariables(to: router)
    }

    private func addMuting(to router: Router<WebContext>) {
        let start = route("{call_id}.mute.start.update", router)
        start.post(.init(Self.call + "/mute/start")) { _, context in
            try await desk.mute(context.call, of: context.application, direction: .both)
            return try JSONBody.null()
        }
        start.put(.init(Self.call + "/mute/start")) { _, context in
            try await desk.mute(context.call, of: context.application, direction: .in)
            return Response(status: .noContent)
        }
        let stop = route("{call_id}.mute.stop.update", router)
        stop.post(.init(Self.call + "/mute/stop")) { _, context in
            try await desk.unmute(context.call, of: context.application)
            return try JSONBody.null()
        }
        stop.put(.init(Self.call + "/mute/stop")) { _, context in
            try await desk.unmute(context.call, of: context.application)
            return Response(status: .noContent)
        }
    }

    private func addWaiting(to router: Router<WebContext>) {
        put("hold.start", "/hold/start", router) { try await desk.hold($0.call, of: $0.application) }
        put("hold.stop", "/hold/stop", router) { try await desk.unhold($0.call, of: $0.application) }
        put("progress.start", "/progress/start", router) {
            try await desk.progress(true, to: $0.call, of: $0.application)
        }
        put("progress.stop", "/progress/stop", router) {
            try await desk.progress(false, to: $0.call, of: $0.application)
        }
        put("moh.{moh_uuid}.start", "/moh/:moh_uuid/start", router) { context in
            let music = try context.parameter("moh_uuid")
            guard musicClasses.contains(music) else {
                try await desk.requireApplication(context.application)
                throw WebError.noSuch("moh", music)
            }
            try await desk.music(music, to: context.call, of: context.application)
        }
        put("moh.stop", "/moh/stop", router) { try await desk.music(nil, to: $0.call, of: $0.application) }
    }

    private func addDigits(to router: Router<WebContext>) {
        route("{call_id}.dtmf.update", router).put(.init(Self.call + "/dtmf")) { request, context in
            let digits = request.uri.queryParameters["digits"].map(String.init) ?? ""
            guard DialText.isDigits(digits) else {
                throw WebError.invalid("digits is 1 to 256 of 0-9, * and #", field: "digits")
            }
            try await desk.send(digits: digits, to: context.call, of: context.application)
            return Response(status: .noContent)
        }
    }

    private func addVariables(to router: Router<WebContext>) {
        let path = Self.call + "/variables/:variable"
        route("{call_id}.variables.{variable}.read", router).get(.init(path)) { _, context in
            let name = try context.variable
            let value = try await desk.variable(name, of: context.call, of: context.application)
            return try JSONBody.answer(["name": name, "value": value])
        }
        route("{call_id}.variables.{variable}.update", router).put(.init(path)) { request, context in
            let name = try context.variable
            let wish = try await request.json(VariableRequest.self, context)
            try await desk.set(name, to: wish.value, of: context.call, of: context.application)
            return Response(status: .noContent)
        }
    }

    private func put(
        _ scope: String,
        _ path: String,
        _ router: Router<WebContext>,
        _ body: @escaping @Sendable (WebContext) async throws -> Void
    ) {
        route("{call_id}.\(scope).update", router).put(.init(Self.call + path)) { _, context in
            try await body(context)
            return Response(status: .noContent)
        }
    }

    private func route(_ scope: String, _ router: Router<WebContext>) -> RouterGroup<WebContext> {
        router.requiring(ScopePattern("applicationd.applications.{application_uuid}.calls.\(scope)"), from: tokens)
    }
}

extension WebContext {
    /// The variable of the path.
    fileprivate var variable: String {
        get throws {
            let name = try parameter("variable")
            guard DialText.isVariable(name) else {
                throw WebError.invalid("A variable's name has letters, digits and _", field: "variable")
            }
            return name
        }
    }
}
