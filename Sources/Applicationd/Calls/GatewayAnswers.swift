import ARI
import HTTPTypes
import WebAPI

/// What clients are told of errors.
extension WebError {
    /// What a client is told when the gateway refuses, or does not answer.
    /// - Parameter missing: what 404 means.
    init(_ error: ARIError, missing: WebError) {
        switch error {
        case .refused(404, _, _): self = missing
        case .refused(400, let message, _) where message.contains("not found"): self = missing
        case .refused(400, let message, _): self = .invalid(message)
        case .refused(409, let message, _):
            self = .api(.conflict, "call-not-in-application", message, resource: "calls")
        case .refused(412, let message, _), .refused(422, let message, _):
            self = .api(.conflict, "call-in-wrong-state", message, resource: "calls")
        case .unreachable:
            self = .api(
                .serviceUnavailable,
                "asterisk-ari-unreachable",
                "The gateway does not answer; `asterism nodes` shows what runs",
                resource: "calls"
            )
        case .refused(let status, let message, _):
            self = .api(
                .serviceUnavailable,
                "asterisk-ari-error",
                "The gateway answered \(status): \(message)",
                resource: "calls"
            )
        case .unexpectedAnswer:
            self = .api(
                .serviceUnavailable,
                "asterisk-ari-error",
                "The gateway's answer is not ARI's",
                resource: "calls"
            )
        }
    }

    /// The registry does not answer.
    static var registryUnreachable: WebError {
        .api(.serviceUnavailable, "registry-unreachable", "The registry does not answer; try again later")
    }

    static func noSuchApplication(_ id: String) -> WebError {
        .api(
            .notFound,
            "no-such-application",
            "No application has the id \(id); POST /1.0/applications/{name} registers one",
            details: ["application_uuid": id],
            resource: "applications"
        )
    }

    /// - Parameter status: 400 when the call is named in the body.
    static func noSuchCall(_ id: String, _ status: HTTPResponse.Status = .notFound) -> WebError {
        .api(
            status,
            "no-such-call",
            "The application has no call with the id \(id)",
            details: ["call_id": id],
            resource: "calls"
        )
    }

    static func callAlreadyInNode(_ id: String) -> WebError {
        .api(
            .badRequest,
            "call-already-in-node",
            "The call \(id) is in a node already; take it out first",
            details: ["call_id": id],
            resource: "nodes"
        )
    }

    static func noSuch(_ kind: String, _ id: String) -> WebError {
        .api(
            .notFound,
            "no-such-\(kind)",
            "The application has no \(kind) with the id \(id)",
            details: ["\(kind)_uuid": id],
            resource: "\(kind)s"
        )
    }

    /// - Parameter field: what is wrong, where it is one thing.
    static func invalid(_ message: String, field: String? = nil) -> WebError {
        var details: [String: any Encodable & Sendable] = [:]
        if let field { details[field] = message }
        return .api(.badRequest, "invalid-data", message, details: details)
    }
}
