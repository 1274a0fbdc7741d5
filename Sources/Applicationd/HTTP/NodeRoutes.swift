import Access
import HTTPTypes
import Hummingbird
import WebAPI

/// Nodes of an application. A name of the first generation's stands where the ids of the others stand.
struct NodeRoutes: Sendable {
    private static let nodes = ApplicationRoutes.path + "/nodes"
    private static let node = nodes + "/:node_uuid"

    let desk: Desk
    let tokens: (any TokenChecking)?

    func add(to router: Router<WebContext>) {
        route("read", router).get(.init(Self.nodes)) { _, context in
            try await JSONBody.answer(["items": desk.list(nodesOf: context.application)])
        }
        let create = route("create", router)
        create.post(.init(Self.nodes)) { request, context in
            let application = try context.application
            let wish = try await request.json(NodeRequest.self, context)
            return try await JSONBody.answer(desk.makeNode(of: wish.calls, in: application), status: .created)
        }
        create.post(.init(Self.node)) { request, context in
            let (name, application) = try (context.node, context.application)
            let calls = try await CallList.read(request, context)
            return try await JSONBody.answer(["uuid": desk.fill(node: name, with: calls, of: application)])
        }
        route("{node_uuid}.read", router).get(.init(Self.node)) { _, context in
            try await JSONBody.answer(desk.node(context.node, of: context.application))
        }
        route("{node_uuid}.delete", router).delete(.init(Self.node)) { _, context in
            try await desk.delete(node: context.node, of: context.application)
            return Response(status: .noContent)
        }
        addCalls(to: router)
    }

    private func addCalls(to router: Router<WebContext>) {
        route("{node_uuid}.calls.create", router).post(.init(Self.node + "/calls")) { request, context in
            let (node, application) = try (context.node, context.application)
            let wish = try await request.json(CallRequest.self, context)
            return try await JSONBody.answer(desk.place(wish, of: application, node: node), status: .created)
        }
        route("{node_uuid}.calls.user.create", router).post(.init(Self.node + "/calls/user")) { request, context in
            let (node, application) = try (context.node, context.application)
            let wish = try await request.json(UserCallRequest.self, context)
            return try await JSONBody.answer(desk.call(wish, of: application, node: node), status: .created)
        }
        let call = Self.node + "/calls/:call_id"
        route("{node_uuid}.calls.{call_id}.update", router).put(.init(call)) { _, context in
            try await desk.add(call: context.call, toNode: context.node, of: context.application)
            return Response(status: .noContent)
        }
        route("{node_uuid}.calls.{call_id}.delete", router).delete(.init(call)) { _, context in
            try await desk.remove(call: context.call, fromNode: context.node, of: context.application)
            return Response(status: .noContent)
        }
    }

    private func route(_ scope: String, _ router: Router<WebContext>) -> RouterGroup<WebContext> {
        router.requiring(ScopePattern("applicationd.applications.{application_uuid}.nodes.\(scope)"), from: tokens)
    }
}
