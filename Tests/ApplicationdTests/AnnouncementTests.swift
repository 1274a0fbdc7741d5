import ARI
import EventBus
import Testing

@testable import Applicationd

@Suite("Announcements as events of the bus")
struct AnnouncementTests {
    private let call: Call

    init() throws {
        call = Call(try Fixtures.model(Channel.self, Fixtures.channel("ast1-1583859032.5")), tenant: "t")
    }

    private func event(_ announcement: Announcement, tenant: String? = "t") -> ServiceEvent {
        announcement.event(origin: "o", tenant: tenant, timestamp: "2026-01-02T03:04:05.678+00:00")
    }

    @Test("the first generation's event is complete for programs of either generation")
    func firstGeneration() {
        let event = event(.userOutgoingCallOfFirstGeneration(call, in: Fixtures.application))
        let key = "applications.\(Fixtures.application).user_outgoing_call.ast1-1583859032.5.created"
        #expect(event.routingKey == key)
        #expect(event.headers["name"] == .text("user_outgoing_call_created"))
        #expect(event.headers["origin_uuid"] == .text("o"))
        #expect(event.headers["required_acl"] == .text("events.\(key)"))
        #expect(event.headers["user_uuid:*"] == .flag(true))
        let body = Fixtures.body(of: event)
        let expected: JSONValue = [
            "id": "ast1-1583859032.5", "caller_id_name": "Ada", "caller_id_number": "100",
            "creation_time": "2026-01-02", "status": "Ring", "muted": false,
        ]
        #expect(body["name"] == "user_outgoing_call_created")
        #expect(body["data"] == ["application_uuid": .string(Fixtures.application), "call": expected])
        #expect(body["call"] == expected)
        #expect(body["application_uuid"] == .string(Fixtures.application))
    }

    @Test("headers are wazo-bus's, and the body repeats them")
    func headers() {
        let event = event(.callUpdated(call, in: Fixtures.application))
        let key = "applications.\(Fixtures.application).calls.ast1-1583859032.5.updated"
        #expect(
            event.headers == [
                "name": .text("application_call_updated"), "origin_uuid": .text("o"),
                "timestamp": .text("2026-01-02T03:04:05.678+00:00"),
                "required_access": .text("event.application_call_updated"), "required_acl": .text("events.\(key)"),
                "application_uuid": .text(Fixtures.application), "tenant_uuid": .text("t"),
            ]
        )
        let body = Fixtures.body(of: event)
        for (name, header) in event.headers {
            if case .text(let text) = header { #expect(body[name] == .string(text)) }
        }
        #expect(body["data"]?["call"]?["dialed_extension"] == "6001")
        #expect(body["data"]?["call"]?["node_uuid"] == .null, "what is unknown is null, not missing")
    }

    @Test("a call's user sees its events, and the tenant those of nodes")
    func audiences() {
        var call = call
        call.userUUID = "u"
        #expect(event(.callAnswered(call, in: "a")).headers["user_uuid:u"] == .flag(true))
        #expect(event(.callAnswered(call, in: "a")).headers["user_uuid:*"] == nil)
        #expect(event(.nodeCreated(CallNode(uuid: "n"), in: "a")).headers["user_uuid:*"] == .flag(true))
        #expect(event(.nodeCreated(CallNode(uuid: "n"), in: "a"), tenant: nil).headers["tenant_uuid"] == nil)
    }

    @Test("routing keys follow from the event; only words at the top are escaped")
    func routingKeys() throws {
        var ringing = call
        ringing.isProgressing = true
        let node = CallNode(uuid: "n", calls: ["c"])
        let playback = CallPlayback(
            try Fixtures.model(Playback.self, Fixtures.playback("p", "sound:x", channel: call.id, state: "playing"))
        )
        let snoop = Snoop(uuid: "s", snoopedCallID: "a", snoopingCallID: "b", whisperMode: .none)
        let id = call.id
        let expected: [(Announcement, String, String)] = [
            (.callCreated(call, .entered, in: "a"), "application_call_entered", "calls.created"),
            (.callCreated(call, .initiated, in: "a"), "application_call_initiated", "calls.created"),
            (
                .callCreated(call, .userOutgoing, in: "a"), "application_user_outgoing_call_created",
                "user_outgoing_call.\(id).created"
            ),
            (.callAnswered(call, in: "a"), "application_call_answered", "calls.\(id).answered"),
            (.callDeleted(call, in: "a"), "application_call_deleted", "calls.\(id).deleted"),
            (.progress(ringing, in: "a"), "application_progress_started", "calls.\(id).progress.started"),
            (.progress(call, in: "a"), "application_progress_stopped", "calls.\(id).progress.stopped"),
            (
                .digit("5", of: call, in: "a"), "application_call_dtmf_received",
                "calls.ast1-1583859032__DOT__5.dtmf.created"
            ),
            (.nodeCreated(node, in: "a"), "application_node_created", "nodes.created"),
            (.nodeUpdated(node, in: "a"), "application_node_updated", "nodes.n.updated"),
            (.nodeDeleted(node, in: "a"), "application_node_deleted", "nodes.n.deleted"),
            (.playback(playback, "created", of: call, in: "a"), "application_playback_created", "playbacks.p.created"),
            (.snoop(snoop, "updated", in: "a"), "application_snoop_updated", "snoops.s.updated"),
            (.snoop(snoop, "deleted", in: "a"), "application_snoop_deleted", "snoops.s.deleted"),
        ]
        for (announcement, name, key) in expected {
            #expect(announcement.name == name)
            #expect(event(announcement).routingKey == "applications.a.\(key)")
        }
        #expect(Announcement.snoop(snoop, "deleted", in: "a").data["snoop"] == ["uuid": "s"])
    }
}
