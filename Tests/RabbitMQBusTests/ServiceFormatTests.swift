import EventBus
import Foundation
import NIOCore
import Testing

@testable import RabbitMQBus

@Suite("Service events as messages")
struct ServiceFormatTests {
    private static let event = ServiceEvent(
        routingKey: "auth.sessions.s.deleted",
        headers: ["name": .text("auth_session_deleted"), "user_uuid:*": .flag(true), "required_acl": .null],
        body: ByteBuffer(string: "{}")
    )

    @Test("properties as kombu sets them, headers with their types")
    func message() {
        let message = ServiceFormat.message(for: Self.event, at: Date(timeIntervalSince1970: 1_700_000_000.9))
        #expect(message.encoding == "utf-8" && message.timestamp == 1_700_000_000)
        #expect(message.routingKey == Self.event.routingKey && message.body == Self.event.body)
        #expect(
            Set(message.headers) == [
                .init("name", .text("auth_session_deleted")), .init("user_uuid:*", .flag(true)),
                .init("required_acl", .null),
            ]
        )
    }

    @Test("an event comes back as it was")
    func roundTrip() {
        #expect(ServiceFormat.event(in: ServiceFormat.message(for: Self.event)) == Self.event)
    }

    @Test(
        "applicationd's events have their exchange, the others' go to auth's",
        arguments: [
            ("applications.a.calls.created", "wazo-applicationd"), ("auth.sessions.s.deleted", "xivo"),
            ("status.x", "xivo"), ("applications", "xivo"), ("applicationsx.a", "xivo"), ("", "xivo"),
        ]
    )
    func exchange(key: String, exchange: String) {
        let event = ServiceEvent(routingKey: key, headers: [:], body: ByteBuffer())
        #expect(ServiceExchanges().exchange(of: event) == exchange)
    }
}
