import ARI
import EventBus
import Foundation
import NIOCore
import NIOFoundationCompat

/// An event of the bus, made ready once for all clients: what decides who gets it, and its text for both versions of the protocol.
package struct HeardEvent: Sendable {
    package let name: String
    /// What a token must grant; nil lets everybody have it.
    package let requiredACL: String?
    package let audience: Audience
    private let bare: ByteBuffer
    private let framed: ByteBuffer

    /// Why nobody gets an event.
    package enum Problem: String, Error, Sendable, Hashable {
        case notJSON = "not_json"
        case noName = "no_name"
        /// It does not say who may have it.
        case noACL = "no_acl"
        case invalidACL = "invalid_acl"
    }

    package init(_ event: ServiceEvent) throws(Problem) {
        switch event.headers["required_acl"] {
        case nil: throw .noACL
        case .flag: throw .invalidACL
        case .text(let acl): requiredACL = acl.isEmpty ? nil : acl
        case .null: requiredACL = nil
        }
        guard let body = try? JSONDecoder().decode(JSONValue.self, from: event.body), body.object != nil else {
            throw .notJSON
        }
        guard let name = event.name ?? body["name"]?.string else { throw .noName }
        self.name = name
        audience = Audience(event.headers)
        bare = event.body
        var framed = ByteBufferAllocator().buffer(
            capacity: event.body.readableBytes + ServerFrame.eventOpening.utf8.count + 1
        )
        framed.writeString(ServerFrame.eventOpening)
        framed.writeImmutableBuffer(event.body)
        framed.writeString(ServerFrame.eventClosing)
        self.framed = framed
    }

    /// What a client of a version is sent; the bytes are shared.
    package func text(_ version: ProtocolVersion) -> ByteBuffer { version == .one ? bare : framed }
}
