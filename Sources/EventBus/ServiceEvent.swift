import NIOCore

/// An event of one of the fleet's services (applicationd, auth), as wazo-bus shapes it: who may see it is in its headers.
package struct ServiceEvent: Sendable, Hashable {
    /// A header: text, a flag such as `user_uuid:*`, or nothing at all, which differs from a header that is not there.
    package enum Header: Sendable, Hashable {
        case text(String)
        case flag(Bool)
        case null
    }

    /// Where it goes, such as `applications.<uuid>.calls.<id>.created`.
    package var routingKey: String
    /// AMQP headers: `name` always; `required_acl` decides who sees it.
    package var headers: [String: Header]
    /// One JSON object.
    package var body: ByteBuffer

    package init(routingKey: String, headers: [String: Header], body: ByteBuffer) {
        self.routingKey = routingKey
        self.headers = headers
        self.body = body
    }

    /// The event's name.
    package var name: String? {
        guard case .text(let name) = headers["name"] else { return nil }
        return name
    }
}
