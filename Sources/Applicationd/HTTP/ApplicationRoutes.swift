import ARI
import Access
import HTTPTypes
import Hummingbird
import Logging
import Registry
import WebAPI

/// Registering and describing applications. The name of a new one stands where the ids of the others stand.
struct ApplicationRoutes: Sendable {
    static let path = "1.0/applications/:application_uuid"

    let desk: Desk
    let tokens: (any TokenChecking)?
    let logger: Logger

    func add(to router: Router<WebContext>) {
        let scope = "applicationd.applications"
        router.requiring(ScopePattern("\(scope).create"), from: tokens).post(.init(Self.path)) { _, context in
            try await register(context.parameter("application_uuid"), tenant: context.token?.metadata.tenantUUID)
        }
        router.requiring(ScopePattern("\(scope).{application_uuid}.read"), from: tokens).get(.init(Self.path)) {
            _,
            context in
            let application = try context.application
            try await desk.requireApplication(application)
            return try JSONBody.answer(ApplicationAnswer(uuid: application))
        }
    }

    private func register(_ name: String, tenant: String?) async throws -> Response {
        guard (1...Self.maximumName).contains(name.unicodeScalars.count) else {
            throw WebError.invalid(
                "An application's name has 1 to \(Self.maximumName) characters",
                field: "application_name"
            )
        }
        let isNew: Bool
        do throws(RegistryError) {
            isNew = try await desk.directory.register(name, tenant: tenant)
        } catch {
            throw WebError.registryUnreachable
        }
        let uuid = NamedUUID.application(name)
        if isNew {
            logger.info("application registered", metadata: ["application": "\(uuid)", "name": "\(name)"])
            await waitUntilEverywhere(uuid)
        }
        return try JSONBody.answer(["uuid": uuid])
    }

    private static let maximumName = 256

    /// The nodes register it because it is in the registry; the gateway knows when all have, so that a call that comes
    /// next finds it.
    private func waitUntilEverywhere(_ application: String) async {
        do throws(ARIError) {
            try await desk.client.registerForBus(application)
        } catch {
            logger.notice("whether all nodes have the application is not known", metadata: ["error": "\(error)"])
        }
    }
}

/// An application, as its clients read it.
private struct ApplicationAnswer: Encodable {
    var uuid: String
    /// No node of ours is entered without being asked for.
    var destinationNodeUUID: String?

    enum CodingKeys: String, CodingKey {
        case uuid
        case destinationNodeUUID = "destination_node_uuid"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(uuid, forKey: .uuid)
        try container.encode(destinationNodeUUID, forKey: .destinationNodeUUID)
    }
}

extension WebContext {
    /// The application of the path.
    var application: String { get throws { try parameter("application_uuid") } }
    /// The call of the path.
    var call: String { get throws { try parameter("call_id") } }
    /// The node of the path.
    var node: String { get throws { try parameter("node_uuid") } }
}

extension JSONBody {
    /// 200 with `null`, as the first generation answers.
    static func null() throws -> Response { try answer(String?.none) }
}
