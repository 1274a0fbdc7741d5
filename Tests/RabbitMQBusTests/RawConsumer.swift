import CRabbitMQ
import Foundation
import RabbitMQBus
import Testing

/// Consumes with librabbitmq's own calls, independently of the code under test.
final class RawConsumer {
    struct Message {
        var exchange: String
        var routingKey: String
        var contentType: String
        /// Nil when the property is absent.
        var contentEncoding: String?
        /// Seconds since 1970; nil when the property is absent.
        var timestamp: UInt64?
        var deliveryMode: UInt8
        /// Texts as they are, numbers in digits, booleans as `<true>` and `<false>`, void as `<void>`.
        var headers: [String: String]
        var body: String
    }

    /// What a binding asks of a header.
    enum Argument {
        case text(String)
        case flag(Bool)
    }

    private let connection: amqp_connection_state_t

    /// Binds a queue of its own to everything of a topic exchange.
    convenience init(_ broker: BrokerAddress, exchange: String) throws {
        try self.init(broker, exchange: exchange, type: "topic", key: "#", arguments: [:])
    }

    /// Binds a queue of its own to a headers exchange: messages with all of `arguments`, texts or booleans.
    convenience init(_ broker: BrokerAddress, headersExchange: String, arguments: [String: Argument] = [:]) throws {
        try self.init(broker, exchange: headersExchange, type: "headers", key: "", arguments: arguments)
    }

    private init(
        _ broker: BrokerAddress,
        exchange: String,
        type: String,
        key: String,
        arguments: [String: Argument]
    ) throws {
        connection = try #require(amqp_new_connection())
        let socket = try #require(amqp_tcp_socket_new(connection))
        try #require(amqp_socket_open(socket, broker.host, Int32(broker.port)) == 0)
        var none = amqp_empty_table
        let login = asterism_amqp_login(connection, "/", 0, &none, broker.user, broker.password)
        try #require(login.reply_type == AMQP_RESPONSE_NORMAL)
        amqp_channel_open(connection, 1)
        let name = strdup(exchange), kind = strdup(type), routing = strdup(key)
        defer { for text in [name, kind, routing] { free(text) } }
        let bytes = amqp_cstring_bytes(name)
        amqp_exchange_declare(connection, 1, bytes, amqp_cstring_bytes(kind), 0, 1, 0, 0, none)
        let queue = try #require(amqp_queue_declare(connection, 1, amqp_empty_bytes, 0, 0, 1, 1, none)).pointee.queue
        let held = amqp_bytes_malloc_dup(queue)
        defer { amqp_bytes_free(held) }
        Self.withTable(arguments) { amqp_queue_bind(connection, 1, held, bytes, amqp_cstring_bytes(routing), $0) }
        amqp_basic_consume(connection, 1, held, amqp_empty_bytes, 0, 1, 0, none)
        try #require(amqp_get_rpc_reply(connection).reply_type == AMQP_RESPONSE_NORMAL)
    }

    deinit { amqp_destroy_connection(connection) }

    /// The next message, within 5 s.
    func next() throws -> Message {
        var envelope = amqp_envelope_t()
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        try #require(amqp_consume_message(connection, &envelope, &patience, 0).reply_type == AMQP_RESPONSE_NORMAL)
        defer { amqp_destroy_envelope(&envelope) }
        let properties = envelope.message.properties
        func has(_ flag: UInt32) -> Bool { properties._flags & flag != 0 }
        var headers: [String: String] = [:]
        for index in 0..<Int(properties.headers.num_entries) {
            let entry = properties.headers.entries[index]
            headers[Self.text(entry.key)] = Self.shown(entry.value)
        }
        return Message(
            exchange: Self.text(envelope.exchange),
            routingKey: Self.text(envelope.routing_key),
            contentType: Self.text(properties.content_type),
            contentEncoding: has(asterism_content_encoding_flag) ? Self.text(properties.content_encoding) : nil,
            timestamp: has(asterism_timestamp_flag) ? properties.timestamp : nil,
            deliveryMode: properties.delivery_mode,
            headers: headers,
            body: Self.text(envelope.message.body)
        )
    }

    private static func shown(_ value: amqp_field_value_t) -> String {
        switch UInt32(value.kind) {
        case AMQP_FIELD_KIND_UTF8.rawValue: return text(value.value.bytes)
        case AMQP_FIELD_KIND_I64.rawValue: return "\(value.value.i64)"
        case AMQP_FIELD_KIND_BOOLEAN.rawValue: return value.value.boolean != 0 ? "<true>" : "<false>"
        case AMQP_FIELD_KIND_VOID.rawValue: return "<void>"
        default:
            Issue.record("a header of the kind \(value.kind)")
            return ""
        }
    }

    private static func withTable(_ arguments: [String: Argument], _ body: (amqp_table_t) -> Void) {
        var copies: [UnsafeMutablePointer<CChar>?] = []
        defer { for copy in copies { free(copy) } }
        func bytes(_ text: String) -> amqp_bytes_t {
            copies.append(strdup(text))
            return amqp_cstring_bytes(copies[copies.count - 1])
        }
        var entries = arguments.map { name, argument in
            var entry = amqp_table_entry_t()
            entry.key = bytes(name)
            switch argument {
            case .text(let text):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
                entry.value.value.bytes = bytes(text)
            case .flag(let flag):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
                entry.value.value.boolean = flag ? 1 : 0
            }
            return entry
        }
        entries.withUnsafeMutableBufferPointer {
            body(amqp_table_t(num_entries: Int32($0.count), entries: $0.baseAddress))
        }
    }

    private static func text(_ bytes: amqp_bytes_t) -> String {
        String(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}
