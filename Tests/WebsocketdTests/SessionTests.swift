import Access
import EventBus
import Foundation
import NIOHTTP1
import Testing
import Websocketd

/// wazo-websocketd, sections 1.1 to 1.5 of its protocol: what is said, when, and how it ends.
@Suite("Session")
struct SessionTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func opened(_ version: Int, lives seconds: Double = 100, recheck: Session.Recheck = .dynamic) throws
        -> Session
    {
        let opening = SessionOpening(target: "/?token=good&version=\(version)", headers: [:])
        var session = try Session.open(opening, recheck: recheck).get().session
        let token = AccessToken.sample(lives: seconds, at: Self.now)
        _ = session.answered(.success(token), isBusUp: true, now: Self.now)
        return session
    }

    @Test(
        "the query comes before the header, empty values count for nothing, the version is 1 unless said",
        arguments: [
            ("/?token=a&version=2", [:], "a", Result<ProtocolVersion, CloseReason>.success(.two)),
            ("/any/path?token=a", ["X-Auth-Token": "b"], "a", .success(.one)),
            ("/?token=", ["x-auth-token": "b"], "b", .success(.one)),
            ("/?version=&userUuid=1", [:], nil, .success(.one)),
            ("/?version=3", [:], nil, .failure(.protocolError)),
            ("/?version=two", [:], nil, .failure(.internalError)),
        ] as [(String, HTTPHeaders, String?, Result<ProtocolVersion, CloseReason>)]
    )
    func opening(target: String, headers: HTTPHeaders, token: String?, version: Result<ProtocolVersion, CloseReason>) {
        let opening = SessionOpening(target: target, headers: headers)
        #expect(opening.token == token)
        #expect(opening.version == version)
    }

    @Test("the version is looked at before the token, and the token before anybody is asked")
    func orderOfRefusals() throws {
        func reason(_ target: String) -> CloseReason? {
            if case .failure(let reason) = Session.open(SessionOpening(target: target, headers: [:]), recheck: .dynamic)
            {
                reason
            } else {
                nil
            }
        }
        #expect(reason("/?version=9") == .protocolError)
        #expect(reason("/") == CloseReason(4001, "no token"))
        let opening = SessionOpening(target: "/?token=x", headers: [:])
        #expect(try Session.open(opening, recheck: .dynamic).get().actions == [.ask(token: "x")])
    }

    @Test(
        "the first answer opens the session or ends it",
        arguments: [
            (Result<AccessToken, TokenError>.failure(.unknown), true, CloseReason(4002, "authentication failed")),
            (.failure(.forbidden), true, CloseReason(4002, "authentication failed")),
            (.failure(.unreachable("")), true, CloseReason(4002, "authentication failed")),
            (.success(AccessToken(token: "x", issued: .now, expiry: .now, acl: [])), true, CloseReason(1011, "")),
            (.success(.sample()), false, CloseReason(1011, "bus connection error")),
        ]
    )
    func firstAnswer(answer: Result<AccessToken, TokenError>, isBusUp: Bool, reason: CloseReason) throws {
        let opening = SessionOpening(target: "/?token=x", headers: [:])
        var session = try Session.open(opening, recheck: .dynamic).get().session
        #expect(session.answered(answer, isBusUp: isBusUp) == [.close(reason)])
        #expect(session.received(#"{"op":"start"}"#) == [], "nothing is done after the end")
    }

    @Test("an opened session says its version, hears events, and is checked again", arguments: [1, 2])
    func hello(version: Int) throws {
        let opening = SessionOpening(target: "/?token=x&version=\(version)", headers: [:])
        var session = try Session.open(opening, recheck: .dynamic).get().session
        let actions = session.answered(.success(.sample(lives: 100, at: Self.now)), isBusUp: true, now: Self.now)
        #expect(
            actions == [
                .send(#"{"op": "init", "code": 0, "data": {"version":\#(version)}}"#), .join,
                .recheck(after: .seconds(75)),
            ]
        )
    }

    @Test("what comes before our first frame waits for it, within bounds")
    func early() throws {
        let opening = SessionOpening(target: "/?token=x&version=2", headers: [:])
        var session = try Session.open(opening, recheck: .dynamic).get().session
        #expect(session.received(Self.subscribe) == [])
        #expect(session.received(#"{"op":"start"}"#) == [])
        let actions = session.answered(.success(.sample(lives: 100, at: Self.now)), isBusUp: true, now: Self.now)
        #expect(
            actions == [
                .send(#"{"op": "init", "code": 0, "data": {"version":2}}"#), .join, .recheck(after: .seconds(75)),
                .send(#"{"op": "subscribe", "code": 0, "data": null}"#),
                .send(#"{"op": "start", "code": 0, "data": null}"#),
            ]
        )
        for text in [String(repeating: "x", count: 1), String(repeating: "x", count: 40_000)] {
            var flood = try Session.open(opening, recheck: .dynamic).get().session
            let answers = (0..<100).map { _ in flood.received(text) }
            #expect(answers.first == [] && answers.flatMap { $0 } == [.close(CloseReason(4004, ""))])
        }
    }

    private static let subscribe = #"{"op":"subscribe","data":{"event_name":"call_created"}}"#
    private static let token = #"{"op":"token","data":{"token":"next"}}"#

    @Test("version 2 answers every command, version 1 only until it has started")
    func replies() throws {
        let subscribed = Session.Action.send(#"{"op": "subscribe", "code": 0, "data": null}"#)
        let started = Session.Action.send(#"{"op": "start", "code": 0, "data": null}"#)
        let taken = Session.Action.send(#"{"op": "token", "code": 0, "data": null}"#)
        for version in [1, 2] {
            var session = try opened(version)
            #expect(session.received(Self.subscribe) == [subscribed])
            #expect(session.received(#"{"op":"start"}"#) == [started])
            #expect(session.received(Self.subscribe) == (version == 2 ? [subscribed] : []))
            #expect(session.received(#"{"op":"start"}"#) == [started])
            #expect(session.received(Self.token) == [.ask(token: "next")])
            #expect(session.answered(.success(.sample("next")), isBusUp: true) == (version == 2 ? [taken] : []))
            let ping = session.received(#"{"op":"ping","data":{"payload":"pong"}}"#)
            #expect(ping == (version == 2 ? [.send(#"{"op": "pong", "code": 0, "data": {"payload":"pong"}}"#)] : []))
        }
        var early = try opened(1)
        _ = early.received(Self.token)
        #expect(early.answered(.success(.sample("next")), isBusUp: true) == [taken])
    }

    @Test(
        "whatever is no command ends the session without a word",
        arguments: [
            "", "x", "[]", "1", "null", "{}", #"{"op":1}"#, #"{"op":"stop"}"#, #"{"op":"subscribe"}"#,
            #"{"op":"subscribe","data":[]}"#, #"{"op":"subscribe","data":{}}"#,
            #"{"op":"subscribe","data":{"event_name":1}}"#,
            #"{"op":"token","data":{"token":null}}"#, #"{"op":"ping","data":{"payload":{}}}"#,
            String(repeating: "[", count: 100_000),
        ]
    )
    func nonsense(text: String) throws {
        for version in [1, 2] {
            var session = try opened(version)
            #expect(session.received(text) == [.close(CloseReason(4004, ""))])
        }
    }

    @Test("a bad token in place of a good one ends the session")
    func badReplacement() throws {
        var session = try opened(2)
        _ = session.received(Self.token)
        #expect(session.answered(.failure(.unknown), isBusUp: true) == [.close(.authenticationFailed)])
    }

    @Test("a check that fails ends the session; being unable to ask is the client's fault in one strategy only")
    func recheck() throws {
        var dynamic = try opened(1)
        #expect(dynamic.recheckIsDue() == [.ask(token: "good")])
        #expect(
            dynamic.answered(.success(.sample(lives: 10, at: Self.now)), isBusUp: true, now: Self.now) == [
                .recheck(after: .seconds(10))
            ]
        )
        _ = dynamic.recheckIsDue()
        #expect(
            dynamic.answered(.failure(.unreachable("")), isBusUp: true) == [
                .close(CloseReason(4003, "authentication expired"))
            ]
        )
        var steady = try opened(1, recheck: .every(.seconds(60)))
        _ = steady.recheckIsDue()
        #expect(steady.answered(.success(.sample()), isBusUp: true) == [.recheck(after: .seconds(60))])
        _ = steady.recheckIsDue()
        #expect(steady.answered(.failure(.unreachable("")), isBusUp: true) == [.close(CloseReason(1011, ""))])
        var revoked = try opened(1, recheck: .every(.seconds(60)))
        _ = revoked.recheckIsDue()
        #expect(revoked.answered(.failure(.unknown), isBusUp: true) == [.close(.authenticationExpired)])
    }

    @Test("the token that came last is the one that is checked")
    func recheckOfReplacement() throws {
        var session = try opened(2)
        _ = session.received(Self.token)
        _ = session.answered(.success(.sample("next")), isBusUp: true)
        #expect(session.recheckIsDue() == [.ask(token: "next")])
    }

    @Test("events come after the start, by name or all, and only those that the token's ACL matches")
    func events() throws {
        let event = try HeardEvent(.sample())
        var session = try opened(2)
        #expect(!session.wants(event, masterTenant: nil))
        _ = session.received(Self.subscribe)
        #expect(!session.wants(event, masterTenant: nil), "not started")
        _ = session.received(#"{"op":"start"}"#)
        #expect(session.wants(event, masterTenant: nil))
        #expect(!session.wants(try HeardEvent(.sample("other")), masterTenant: nil))
        _ = session.received(#"{"op":"subscribe","data":{"event_name":"*"}}"#)
        #expect(session.wants(try HeardEvent(.sample("other")), masterTenant: nil))
        let secret = try HeardEvent(.sample(headers: ["required_acl": .text("secrets.read")]))
        #expect(!session.wants(secret, masterTenant: nil))
        let open = try HeardEvent(.sample(headers: ["required_acl": .null]))
        #expect(session.wants(open, masterTenant: nil))
    }
}
