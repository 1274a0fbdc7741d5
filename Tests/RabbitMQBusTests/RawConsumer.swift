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
        var deliveryMode: UInt8
        var headers: [String: String]
        var body: String
    }

    private let connection: amqp_connection_state_t

    init(_ broker: BrokerAddress, exchange: String) throws {
        connection = try #require(amqp_new_connection())
        let socket = try #require(amqp_tcp_socket_new(connection))
        try #require(amqp_socket_open(socket, broker.host, Int32(broker.port)) == 0)
        var none = amqp_empty_table
        let login = asterism_amqp_login(connection, "/", 0, &none, broker.user, broker.password)
        try #require(login.reply_type == AMQP_RESPONSE_NORMAL)
        amqp_channel_open(connection, 1)
        let name = strdup(exchange), topic = strdup("topic"), all = strdup("#")
        defer { for text in [name, topic, all] { free(text) } }
        let bytes = amqp_cstring_bytes(name)
        amqp_exchange_declare(connection, 1, bytes, amqp_cstring_bytes(topic), 0, 1, 0, 0, none)
        let queue = try #require(amqp_queue_declare(connection, 1, amqp_empty_bytes, 0, 0, 1, 1, none)).pointee.queue
        let held = amqp_bytes_malloc_dup(queue)
        defer { amqp_bytes_free(held) }
        amqp_queue_bind(connection, 1, held, bytes, amqp_cstring_bytes(all), none)
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
        var headers: [String: String] = [:]
        for index in 0..<Int(properties.headers.num_entries) {
            let entry = properties.headers.entries[index]
            let isNumber = UInt32(entry.value.kind) == AMQP_FIELD_KIND_I64.rawValue
            headers[Self.text(entry.key)] = isNumber ? "\(entry.value.value.i64)" : Self.text(entry.value.value.bytes)
        }
        return Message(
            exchange: Self.text(envelope.exchange),
            routingKey: Self.text(envelope.routing_key),
            contentType: Self.text(properties.content_type),
            deliveryMode: properties.delivery_mode,
            headers: headers,
            body: Self.text(envelope.message.body)
        )
    }

    private static func text(_ bytes: amqp_bytes_t) -> String {
        String(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}
