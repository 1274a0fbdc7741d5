import EventBus
import NIOCore
import Testing

@testable import RabbitMQBus

@Suite("AMQP messages")
struct EventFormatTests {
    static func event(_ topic: String, _ name: String, _ body: String = #"{"type":"X"}"#) -> BusEvent {
        BusEvent(
            topic: topic,
            name: name,
            node: "ast1",
            incarnation: "7",
            sequence: 1_700_000_000_000_001,
            body: ByteBuffer(string: body)
        )
    }

    @Test(
        "routing keys and bodies of both formats",
        arguments: [
            (
                "stasis.app.TTS", "StasisStart", "stasis.app.tts", "stasis.app.tts",
                #"{"name":"StasisStart","data":{"type":"X"},"application":"TTS"}"#
            ),
            (
                "stasis.channel.Ab.1", "ChannelDialplan", "stasis.channel.Ab.1", "stasis.channel.channeldialplan",
                #"{"name":"ChannelDialplan","data":{"type":"X"}}"#
            ),
            (
                "stasis.ami.DeviceStateChange", "DeviceStateChange", "stasis.ami.devicestatechange",
                "ami.devicestatechange", #"{"name":"DeviceStateChange","data":{"type":"X"}}"#
            ),
            (
                "stasis.node.ast1", "DeviceStateChanged", "stasis.node.ast1", "stasis.node.ast1",
                #"{"name":"DeviceStateChanged","data":{"type":"X"}}"#
            ),
        ]
    )
    func keys(topic: String, name: String, bare: String, wrapped: String, body: String) {
        let event = Self.event(topic, name)
        let bareMessage = EventFormat.bare.message(for: event)
        #expect(bareMessage.routingKey == bare)
        #expect(bareMessage.body == event.body)
        #expect(bareMessage.text("category") == nil)
        let wrappedMessage = EventFormat.wrapped.message(for: event)
        #expect(wrappedMessage.routingKey == wrapped)
        #expect(String(buffer: wrappedMessage.body) == body)
        #expect(wrappedMessage.text("name") == name)
        #expect(wrappedMessage.text("category") == (topic.hasPrefix("stasis.ami.") ? "ami" : "stasis"))
        #expect(wrappedMessage.text("application_name") == (topic == "stasis.app.TTS" ? "TTS" : nil))
        for message in [bareMessage, wrappedMessage] { #expect(EventFormat.event(in: message) == event) }
    }

    @Test("names that JSON must escape")
    func escapes() {
        let event = Self.event("stasis.app.a\"b\\c\n", "X")
        let message = EventFormat.wrapped.message(for: event)
        #expect(String(buffer: message.body) == #"{"name":"X","data":{"type":"X"},"application":"a\"b\\c\u000a"}"#)
        #expect(EventFormat.event(in: message) == event)
    }

    @Test("messages of a real res_stasis_amqp become events of no node")
    func foreign() {
        let bare = AMQPMessage(
            routingKey: "stasis.app.tts",
            headers: [],
            body: ByteBuffer(string: #"{"type":"StasisStart","application":"tts"}"#)
        )
        let bareEvent = EventFormat.event(in: bare)
        #expect(bareEvent?.topic == "stasis.app.tts" && bareEvent?.name == "StasisStart" && bareEvent?.node == "")
        #expect(bareEvent?.sequence == 0 && bareEvent?.body == bare.body)
        let wrapped = AMQPMessage(
            routingKey: "ami.dial",
            headers: [.init("name", .text("Dial")), .init("category", .text("ami"))],
            body: ByteBuffer(string: #"{"name":"Dial","data":{"Event":"Dial"}}"#)
        )
        let wrappedEvent = EventFormat.event(in: wrapped)
        #expect(wrappedEvent?.topic == "stasis.ami.dial" && wrappedEvent?.name == "Dial")
        #expect(wrappedEvent.map { String(buffer: $0.body) } == #"{"Event":"Dial"}"#)
        let nonsense = AMQPMessage(routingKey: "x", headers: [], body: ByteBuffer(string: "hello"))
        #expect(EventFormat.event(in: nonsense) == nil)
    }

    @Test(
        "bindings",
        arguments: [
            ("stasis.app.TTS", ["stasis.app.TTS", "stasis.app.tts"], ["stasis.app.TTS", "stasis.app.tts"]),
            ("stasis.channel.1.2", ["stasis.channel.1.2"], ["stasis.channel.#"]),
            ("stasis.ami.#", ["stasis.ami.#"], ["ami.#"]), ("#", ["#"], ["#"]), ("stasis.#", ["stasis.#"], ["#"]),
            ("asterism.node.#", ["asterism.node.#"], ["asterism.node.#"]),
        ] as [(String, Set<String>, Set<String>)]
    )
    func bindings(pattern: String, bare: Set<String>, wrapped: Set<String>) {
        #expect(EventFormat.bare.bindings(for: pattern) == bare)
        #expect(EventFormat.wrapped.bindings(for: pattern) == wrapped)
    }

    @Test("broker addresses, whose passwords never show")
    func addresses() throws {
        let list = try BrokerAddress.list("amqp://a:s%2Fecret@one, amqps://two:1234/v%2Fh")
        #expect(list.map(\.port) == [5672, 1234])
        #expect(list.map(\.password) == ["s/ecret", "guest"])
        #expect(list.map(\.virtualHost) == ["/", "v/h"])
        #expect(list.map(\.description) == ["amqp://one:5672", "amqps://two:1234"])
        let error = #expect(throws: RabbitMQSettingsError.self) { _ = try BrokerAddress(url: "http://u:secret@x") }
        #expect(error?.description.contains("secret") == false)
    }
}
