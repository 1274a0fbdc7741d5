import CRabbitMQ
import Foundation
import NIOCore

extension AMQPConnection {
    /// A broker's word on what was published.
    enum Confirmation {
        /// It has taken responsibility for the message with this tag, or for all up to it.
        case taken(tag: UInt64, multiple: Bool)
        /// It could not.
        case refused
    }

    /// Asks the broker to confirm what is published.
    func selectConfirms() throws(AMQPError) {
        amqp_confirm_select(state, Self.channel)
        try check("asking for confirmations")
    }

    /// Sends a message; its confirmation comes later.
    func publish(_ message: AMQPMessage, exchange: String) throws(AMQPError) {
        let status = AMQPTable(message.headers).withTable { headers in
            AMQPBytes.with([exchange, message.routingKey, "application/json", message.encoding ?? ""]) { bytes in
                var properties = amqp_basic_properties_t()
                properties._flags =
                    asterism_content_type_flag | asterism_delivery_mode_flag
                    | (message.headers.isEmpty ? 0 : asterism_headers_flag)
                properties.content_type = bytes[2]
                properties.delivery_mode = 2
                properties.headers = headers
                if message.encoding != nil {
                    properties._flags |= asterism_content_encoding_flag
                    properties.content_encoding = bytes[3]
                }
                if let timestamp = message.timestamp {
                    properties._flags |= asterism_timestamp_flag
                    properties.timestamp = timestamp
                }
                return message.body.withUnsafeReadableBytes { body in
                    let view = amqp_bytes_t(
                        len: body.count,
                        bytes: UnsafeMutableRawPointer(mutating: body.baseAddress)
                    )
                    return amqp_basic_publish(state, Self.channel, bytes[0], bytes[1], 0, 0, &properties, view)
                }
            }
        }
        try check(status: status, "publishing")
    }

    /// The next confirmation that is already there, or nil. Sends and checks heartbeats as well.
    func nextConfirmation() throws(AMQPError) -> Confirmation? {
        while true {
            var frame = amqp_frame_t()
            var none = timeval()
            let status = amqp_simple_wait_frame_noblock(state, &frame, &none)
            if status == AMQP_STATUS_TIMEOUT.rawValue {
                amqp_maybe_release_buffers(state)
                return nil
            }
            try check(status: status, "waiting for confirmations")
            if let error = ending(frame) { throw error }
            guard Int32(frame.frame_type) == AMQP_FRAME_METHOD, let decoded = frame.payload.method.decoded else {
                continue
            }
            switch frame.payload.method.id {
            case asterism_basic_ack:
                let ack = decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
                return .taken(tag: ack.delivery_tag, multiple: ack.multiple != 0)
            case asterism_basic_nack:
                return .refused
            default:
                continue
            }
        }
    }
}
