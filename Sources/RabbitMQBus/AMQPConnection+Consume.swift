import CRabbitMQ
import Foundation
import NIOCore

extension AMQPConnection {
    /// A message that came for our consumer.
    struct Delivery {
        var tag: UInt64
        var message: AMQPMessage
    }

    /// Declares a queue for a named consumer, or a nameless one that ends with the connection, and starts to consume.
    /// - Parameters:
    ///   - name: nil for a queue that ends with the connection.
    ///   - exchange: nil for the one of events of nodes.
    ///   - limit: messages that may wait, where the oldest may be dropped; nil where that would go unseen. A private queue without a
    ///     limit is bounded all the same: with a consumer that hangs, the heartbeats end, and with them the connection and the queue.
    /// - Returns: the queue's name.
    func consume(
        queue name: String?,
        exchange: String? = nil,
        bindings: Set<String>,
        limit: Int?,
        prefetch: UInt16,
        settings: RabbitMQSettings
    ) throws(AMQPError) -> String {
        let bound = limit.map { limit in
            [AMQPMessage.Header("x-max-length", .number(Int64(limit))), .init("x-overflow", .text("drop-head"))]
        }
        let arguments = AMQPTable(
            (bound ?? [])
                + (name == nil ? [] : [.init("x-expires", .number(Int64(settings.queueLifetime / .milliseconds(1))))])
        )
        let isPrivate: amqp_boolean_t = name == nil ? 1 : 0
        let declared = arguments.withTable { arguments in
            AMQPBytes.with([name ?? ""]) { bytes -> String? in
                let answer = amqp_queue_declare(
                    state,
                    Self.channel,
                    bytes[0],
                    0,
                    1 - isPrivate,
                    isPrivate,
                    isPrivate,
                    arguments
                )
                return answer.map { AMQPBytes.text($0.pointee.queue) }
            }
        }
        try check("declaring the queue \(name ?? "of a nameless consumer")")
        let queue = declared ?? name ?? ""
        for binding in bindings.sorted() {
            AMQPBytes.with([queue, exchange ?? settings.exchange, binding]) { bytes in
                _ = amqp_queue_bind(state, Self.channel, bytes[0], bytes[1], bytes[2], amqp_empty_table)
            }
            try check("binding \(queue) to \(binding)")
        }
        amqp_basic_qos(state, Self.channel, 0, prefetch, 0)
        try check("limiting the messages on the way")
        AMQPBytes.with([queue]) { bytes in
            // Exclusive: two consumers of one queue would each see half of the events, in no order.
            _ = amqp_basic_consume(state, Self.channel, bytes[0], amqp_empty_bytes, 0, 0, 1, amqp_empty_table)
        }
        try check("consuming \(queue)")
        return queue
    }

    /// The next message that is already there, or nil. Sends and checks heartbeats as well.
    func nextDelivery() throws(AMQPError) -> Delivery? {
        while true {
            var envelope = amqp_envelope_t()
            var none = timeval()
            amqp_maybe_release_buffers(state)
            let reply = amqp_consume_message(state, &envelope, &none, 0)
            if reply.reply_type == AMQP_RESPONSE_NORMAL {
                defer { amqp_destroy_envelope(&envelope) }
                return Delivery(tag: envelope.delivery_tag, message: Self.message(envelope))
            }
            if reply.library_error == AMQP_STATUS_TIMEOUT.rawValue { return nil }
            guard reply.library_error == AMQP_STATUS_UNEXPECTED_STATE.rawValue else {
                try check(reply, "waiting for messages")
                return nil
            }
            // Something else than a message: it is still to be read.
            var frame = amqp_frame_t()
            let status = amqp_simple_wait_frame_noblock(state, &frame, &none)
            if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
            try check(status: status, "waiting for messages")
            if let error = ending(frame) { throw error }
        }
    }

    /// Takes responsibility for all messages up to this one.
    func acknowledge(upTo tag: UInt64) throws(AMQPError) {
        try check(status: amqp_basic_ack(state, Self.channel, tag, 1), "acknowledging")
    }

    /// Deletes a queue with all it holds.
    func delete(queue: String) throws(AMQPError) {
        AMQPBytes.with([queue]) { bytes in
            _ = amqp_queue_delete(state, Self.channel, bytes[0], 0, 0)
        }
        try check("deleting the queue \(queue)")
    }

    private static func message(_ envelope: amqp_envelope_t) -> AMQPMessage {
        let properties = envelope.message.properties
        let hasHeaders = properties._flags & asterism_headers_flag != 0
        let body = envelope.message.body
        return AMQPMessage(
            routingKey: AMQPBytes.text(envelope.routing_key),
            headers: hasHeaders ? AMQPTable(copying: properties.headers).headers : [],
            body: ByteBuffer(bytes: UnsafeRawBufferPointer(start: body.bytes, count: body.len))
        )
    }
}
