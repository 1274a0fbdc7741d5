import Foundation
import Registry
import Testing

@testable import FrontAgent

@Suite("Servers of the front")
struct PlanTests {
    private let one = HostPort(host: "10.0.0.1", port: 8091)
    private let two = HostPort(host: "10.0.0.2", port: 8091)

    private func entry(_ text: String) -> RegistryEntry { RegistryEntry(value: Array(text.utf8), version: 1) }

    private func record(_ host: String, _ port: Int) -> RegistryEntry {
        entry(#"{"name":"g","address":{"host":"\#(host)","port":\#(port)}}"#)
    }

    @Test("records become sorted servers, each once")
    func records() {
        let servers = FrontUpstreams.servers(in: [
            "gateways/b": record("10.0.0.2", 8091), "gateways/a": record("::1", 8091),
            "gateways/c": record("10.0.0.2", 8091),
        ])
        #expect(servers == [two, HostPort(host: "::1", port: 8091)])
    }

    @Test(
        "a record that is none, or would break out of its line, is left out",
        arguments: [
            "", "{}", "127.0.0.1:80", #"{"name":"g","address":{"host":"a; } evil","port":1}}"#,
            #"{"name":"g","address":{"host":"a\nb","port":1}}"#, #"{"name":"g","address":{"host":"","port":1}}"#,
            #"{"name":"g","address":{"host":"$host","port":1}}"#, #"{"name":"g","address":{"host":"a","port":0}}"#,
            #"{"name":"g","address":{"host":"unix:/tmp/x","port":1}}"#,
            #"{"name":"g","address":{"host":"a","port":65536}}"#,
        ]
    )
    func badRecords(text: String) {
        let servers = FrontUpstreams.servers(in: ["gateways/x": entry(text), "gateways/y": record("10.0.0.1", 8091)])
        #expect(servers == [one])
    }

    @Test("servers that do not answer are left out, unless none would be left")
    func silent() {
        var upstreams = FrontUpstreams()
        upstreams[.gateways] = [one, two]
        #expect(upstreams.without([one])[.gateways] == [two])
        #expect(upstreams.without([one, two])[.gateways] == [one, two])
    }

    @Test("three probes in a row make a server silent, one answer brings it back")
    func silenceCount() {
        var count = SilenceCount()
        for _ in 0..<2 { count.note([one: false, two: true]) }
        #expect(count.silent.isEmpty)
        count.note([one: true, two: true])
        for _ in 0..<3 { count.note([one: false, two: true]) }
        #expect(count.silent == [one])
        count.note([one: true, two: true])
        #expect(count.silent.isEmpty)
    }

    @Test("a service that vanishes as a whole is kept for a while; single servers go at once")
    func memory() {
        var memory = UpstreamMemory(grace: .seconds(60))
        let start = ContinuousClock.now
        memory.learn([one, two], of: .gateways, at: start)
        memory.learn([two], of: .gateways, at: start)
        #expect(memory.known[.gateways] == [two])
        memory.learn([], of: .gateways, at: start + .seconds(1))
        memory.expire(at: start + .seconds(60))
        #expect(memory.known[.gateways] == [two])
        // A second empty answer does not start the time anew.
        memory.learn([], of: .gateways, at: start + .seconds(60))
        memory.expire(at: start + .seconds(61))
        #expect(memory.known[.gateways] == [])
        memory.learn([one], of: .gateways, at: start)
        memory.learn([], of: .gateways, at: start)
        memory.learn([one], of: .gateways, at: start + .seconds(1))
        memory.expire(at: start + .seconds(100))
        #expect(memory.known[.gateways] == [one])
    }

    @Test("nginx that serves is killed after three silent probes, one that starts gets longer")
    func hanging() {
        var watch = NginxWatch()
        for _ in 0..<20 {
            let action = watch.observe(generation: nil, wanted: "1", isStopped: false)
            #expect(action == .nothing)
        }
        #expect(!watch.isServing)
        let probes: [(generation: String?, isStopped: Bool)] = [("1", false), (nil, false), ("1", true), ("1", true)]
        let actions = probes.map { watch.observe(generation: $0.generation, wanted: "1", isStopped: $0.isStopped) }
        #expect(actions == [.nothing, .nothing, .nothing, .kill])
        #expect(watch.isServing)
        watch.restarted()
        #expect(!watch.isServing)
    }

    @Test("a reload that was missed is asked for again, and a master that takes none is killed")
    func stale() {
        var watch = NginxWatch()
        let generations: [(is: String, wanted: String)] =
            [("1", "1")] + Array(repeating: ("1", "2"), count: 6) + [("1", "2"), ("2", "2"), ("2", "3")]
        let actions = generations.map { watch.observe(generation: $0.is, wanted: $0.wanted, isStopped: false) }
        #expect(
            actions == [
                .nothing, .nothing, .reload, .nothing, .nothing, .nothing, .kill, .nothing, .nothing, .nothing,
            ]
        )
    }
}
