import Foundation
import Registry
import Testing

@testable import ConsulRegistry

@Suite("Consul: addresses, keys, requests")
struct WordTests {
    @Test(
        "addresses",
        arguments: [
            ("127.0.0.1:8500", "http://127.0.0.1:8500"), ("consul", "http://consul:8500"),
            ("http://consul:80/", "http://consul:80"), ("https://consul", "https://consul:8501"),
            ("[::1]:8500", "http://[::1]:8500"), ("https://[::1]", "https://[::1]:8501"), ("", nil), ("a:b", nil),
            ("a:0", nil), ("http://", nil), ("user@host", nil), ("host/path", nil), ("[::1]x", nil),
        ] as [(String, String?)]
    )
    func addresses(text: String, expected: String?) {
        #expect((try? ConsulAddress(text))?.description == expected)
    }

    @Test("a node that is held back is critical, and nothing that Consul sees of it makes it well")
    func held() {
        let record = NodeRecord(
            name: "ast1",
            id: "1",
            nickname: "Vega",
            sip: HostPort(host: "127.0.0.1", port: 5060),
            ari: HostPort(host: "127.0.0.1", port: 8088),
            ariCredentials: Credentials(user: "u", password: "p"),
            incarnation: "1",
            health: .passing
        )
        let settings = ConsulSettings(addresses: [], role: "test")
        let held = NodeServices.node(record, isHeld: true, settings: settings).Checks?.first
        #expect(held?.Status == "critical" && held?.HTTP == nil && held?.TTL != nil)
        let open = NodeServices.node(record, settings: settings).Checks?.first
        #expect(open?.Status == "passing" && open?.HTTP == "http://127.0.0.1:8088/httpstatus" && open?.TTL == nil)
    }

    @Test("a list of addresses")
    func list() throws {
        #expect(try ConsulAddress.list("a, http://b:1").map(\.description) == ["http://a:8500", "http://b:1"])
        #expect(throws: ConsulAddressError.self) { try ConsulAddress.list(" , ") }
    }

    @Test("keys of applications stay as they are, the rest is below our root")
    func keys() {
        let path = KeyPath(ConsulSettings(addresses: [], role: "test"))
        #expect(path.stored("applications/tts") == "applications/tts")
        #expect(path.stored("routes/8001") == "asterism/routes/8001")
        #expect(path.key("asterism/routes/8001", under: "routes/") == "routes/8001")
        #expect(path.key("applications/tts", under: "applications/") == "applications/tts")
        #expect(path.key("applications/", under: "applications/") == nil)
        #expect(path.key("asterism/conductor", under: "conductor") == "conductor")
    }

    @Test("targets are escaped, slashes are kept")
    func targets() {
        let request = ConsulRequest(path: "kv/a b/ü?", query: [("recurse", nil), ("wait", "1 s")])
        #expect(request.target == "/v1/kv/a%20b/%C3%BC%3F?recurse&wait=1%20s")
        #expect(Duration.milliseconds(1500).inConsul == "1500ms")
    }

    @Test("a token never prints")
    func token() {
        #expect("\(ConsulToken("s3cret"))\(String(reflecting: ConsulToken("s3cret")))".contains("s3cret") == false)
    }

    @Test(
        "answers that mean that another agent may do better",
        arguments: [
            (200, "", false), (404, "", false), (500, "No cluster leader", true), (503, "", true),
            (500, "CheckID \"x\" does not have associated TTL", false), (500, "rpc error: leadership lost", true),
            (403, "Permission denied", false),
        ]
    )
    func outages(status: Int, text: String, expected: Bool) {
        #expect(ConsulError.isOutage(status: status, text: text) == expected)
    }

    @Test("the index starts anew when it goes backwards")
    func cursor() {
        var cursor = IndexCursor()
        let request = ConsulRequest(path: "kv/x")
        #expect(cursor.waiting(request, for: .seconds(30)).target == "/v1/kv/x")
        cursor.advance(to: 7)
        #expect(cursor.waiting(request, for: .seconds(30)).target == "/v1/kv/x?index=7&wait=30000ms")
        cursor.advance(to: 3)
        #expect(cursor.index == 0)
        cursor.advance(to: 0)
        #expect(cursor.index == 1)
        cursor.advance(to: nil)
        #expect(cursor.index == 0)
    }

    @Test("a failure moves on once to the next agent, and ends the waits at the one that failed")
    func endpoints() async throws {
        let endpoints = Endpoints(try ConsulAddress.list("a,b"))
        let first = endpoints.current
        async let departure: Void = endpoints.departure(from: first)
        endpoints.failed(first)
        endpoints.failed(first)
        await departure
        #expect(endpoints.current.address.host == "b")
        endpoints.failed(endpoints.current)
        #expect(endpoints.current.address.host == "a")
    }

    @Test("delays double up to two seconds")
    func backoff() {
        var backoff = Backoff()
        #expect((0..<6).map { _ in backoff.failed() } == [100, 200, 400, 800, 1600, 2000].map { .milliseconds($0) })
        backoff.succeeded()
        #expect(backoff.failed() == .milliseconds(100))
    }

    @Test("a lease is believed until the time of its last sign of life is over")
    func lease() {
        let start = ContinuousClock.now
        var lease = Lease(timeToLive: .seconds(3))
        #expect(!lease.holds("s", at: start))
        lease.open("s", at: start)
        #expect(lease.holds("s", at: start + .seconds(2)))
        #expect(!lease.holds("t", at: start) && !lease.holds(nil, at: start))
        #expect(!lease.holds("s", at: start + .seconds(3)))
        lease.confirm(at: start + .seconds(2))
        #expect(lease.holds("s", at: start + .seconds(4)))
        lease.lose()
        #expect(!lease.holds("s", at: start))
    }
}

@Suite("Consul: who is admitted")
struct AdmissionTests {
    private func verdict(_ new: NodeRecord, passing: Set<String>, own: Set<String> = []) -> Admission.Verdict {
        var folder = NodeFolder()
        for known in [node("ast1"), node("ast2")] {
            folder.entries[known.name] = .init(record: known, modifyIndex: 1)
        }
        return Admission(folder: folder, passing: passing, own: own).verdict(on: new)
    }

    private func isConflict(_ verdict: Admission.Verdict) -> Bool {
        if case .conflict = verdict { true } else { false }
    }

    @Test("new nodes, and those that return to the same Asterisk")
    func plain() {
        #expect(verdict(node("ast3"), passing: ["eid-ast1"]) == .admitted(isNew: true, displaced: []))
        #expect(verdict(node("ast1"), passing: ["eid-ast1"]) == .admitted(isNew: false, displaced: []))
    }

    @Test("a name or an id in use is refused while its node is well")
    func conflicts() {
        let renamed = node("ast3", id: "eid-ast1")
        let reidentified = node("ast1", id: "x")
        let moved = node("ast1", ariPort: 1)
        for new in [renamed, reidentified, moved] { #expect(isConflict(verdict(new, passing: ["eid-ast1"]))) }
        #expect(verdict(renamed, passing: []) == .admitted(isNew: true, displaced: ["ast1"]))
        #expect(verdict(reidentified, passing: []) == .admitted(isNew: true, displaced: []))
        #expect(verdict(moved, passing: []) == .admitted(isNew: false, displaced: []))
        #expect(verdict(moved, passing: ["eid-ast1"], own: ["ast1"]) == .admitted(isNew: false, displaced: []))
    }
}

@Suite("Consul: the roll of nodes")
struct NodeRollTests {
    private let start = ContinuousClock.now

    private func folder(_ names: [String], origin: String? = "a") -> NodeFolder {
        var folder = NodeFolder()
        for name in names { folder.entries[name] = .init(record: node(name), modifyIndex: 1) }
        folder.mark = origin.map { .init(origin: $0, count: 1) }
        return folder
    }

    private func instance(_ name: String, passing: Bool = true, maintenance: Bool = false) -> ServiceInstance {
        ServiceInstance(id: "eid-\(name)", isPassing: passing, isInMaintenance: maintenance)
    }

    private func roll() -> NodeRoll {
        var roll = NodeRoll(patience: .seconds(30))
        roll.apply(folder(["ast1", "ast2"]), at: start)
        roll.apply([instance("ast1"), instance("ast2")], at: start)
        return roll
    }

    private func shown(_ roll: NodeRoll, after seconds: Int = 0) -> [String] {
        roll.nodes(at: start + .seconds(seconds)).map { "\($0.name) \($0.health)\($0.isDraining ? " draining" : "")" }
    }

    @Test("records with services are shown, one without is not yet")
    func complete() {
        var roll = NodeRoll(patience: .seconds(30))
        roll.apply(folder(["ast1"]), at: start)
        #expect(!roll.isComplete)
        roll.apply([], at: start)
        #expect(roll.isComplete && shown(roll).isEmpty)
        roll.apply([instance("ast1")], at: start)
        #expect(shown(roll) == ["ast1 passing"])
    }

    @Test("failing checks make suspect, maintenance makes draining")
    func checks() {
        var roll = roll()
        roll.apply([instance("ast1", passing: false), instance("ast2", maintenance: true)], at: start)
        #expect(shown(roll) == ["ast1 suspect", "ast2 passing draining"])
    }

    @Test("of two services of one node, left at one agent and brought to another, the one that is well counts")
    func twoAgents() {
        var roll = roll()
        roll.apply([instance("ast1", passing: false), instance("ast1"), instance("ast2")], at: start)
        #expect(shown(roll) == ["ast1 passing", "ast2 passing"])
    }

    @Test("a record that goes was deregistered")
    func deregistered() {
        var roll = roll()
        roll.apply(folder(["ast2"]), at: start)
        #expect(shown(roll) == ["ast2 passing"])
    }

    @Test("a service that goes makes suspect, is forgotten after a while, and its record is cleared away")
    func vanished() {
        var roll = roll()
        roll.apply([instance("ast2")], at: start)
        #expect(shown(roll) == ["ast1 suspect", "ast2 passing"])
        #expect(roll.nextExpiry(after: start) == start + .seconds(30))
        #expect(shown(roll, after: 30) == ["ast2 passing"])
        #expect(roll.leftovers(at: start + .seconds(59)).isEmpty)
        #expect(roll.leftovers(at: start + .seconds(60)).map(\.record.name) == ["ast1"])
    }

    @Test("a Consul that lost its data makes all suspect, until they come back or patience ends")
    func dataLoss() {
        var roll = roll()
        roll.apply(folder([], origin: nil), at: start)
        roll.apply([], at: start)
        #expect(shown(roll) == ["ast1 suspect", "ast2 suspect"])
        roll.apply(folder(["ast1"], origin: "b"), at: start)
        roll.apply([instance("ast1")], at: start)
        #expect(shown(roll) == ["ast1 passing", "ast2 suspect"])
        #expect(shown(roll, after: 30) == ["ast1 passing"])
        #expect(roll.leftovers(at: start + .seconds(90)).isEmpty)
    }

    @Test("draining of a node that Consul lost is remembered")
    func draining() {
        var roll = roll()
        roll.apply([instance("ast1", maintenance: true)], at: start)
        roll.apply(folder([], origin: nil), at: start)
        roll.apply([], at: start)
        #expect(roll.isDraining("ast1") == true && roll.isDraining("ast3") == nil)
        #expect(shown(roll).first == "ast1 suspect draining")
    }

    @Test("a draining node that comes back drains before its service is in maintenance")
    func drainingReturns() {
        var roll = NodeRoll(patience: .seconds(30))
        var folder = folder(["ast1"])
        folder.entries["ast1"]?.record.isDraining = true
        roll.apply(folder, at: start)
        roll.apply([instance("ast1", passing: false)], at: start)
        #expect(shown(roll) == ["ast1 suspect draining"])
        roll.apply([instance("ast1")], at: start)
        #expect(shown(roll) == ["ast1 passing"])
    }
}
