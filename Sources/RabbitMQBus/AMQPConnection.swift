import CRabbitMQ
import Foundation

/// One connection with one channel. Not Sendable: it is used by the thread that made it, and by no other.
final class AMQPConnection {
    /// The only channel.
    static let channel: amqp_channel_t = 1

    let state: amqp_connection_state_t
    /// The descriptor to wait for.
    let socket: Int32
    /// Seconds between heartbeats, as agreed with the broker.
    let heartbeat: Int
    private var isUsable = true

    /// Connects and opens the channel.
    init(_ broker: BrokerAddress, settings: RabbitMQSettings, name: String) throws(AMQPError) {
        guard let state = amqp_new_connection() else { throw AMQPError(action: "connecting", problem: "out of memory") }
        do {
            try Self.open(state, broker, settings)
            try Self.login(state, broker, settings, name)
        } catch {
            amqp_destroy_connection(state)
            throw error
        }
        self.state = state
        socket = amqp_get_sockfd(state)
        heartbeat = Int(amqp_get_heartbeat(state))
        amqp_channel_open(state, Self.channel)
        do { try check("opening a channel") } catch {
            amqp_destroy_connection(state)
            throw error
        }
    }

    /// Says goodbye, if there is still somebody to say it to, and frees everything.
    func close() {
        if isUsable {
            var second = timeval(tv_sec: 1, tv_usec: 0)
            amqp_set_rpc_timeout(state, &second)
            _ = amqp_connection_close(state, AMQP_REPLY_SUCCESS)
        }
        amqp_destroy_connection(state)
    }

    /// The milliseconds that a wait for the socket may last, so that heartbeats are sent and missed ones noticed.
    var pollMilliseconds: Int32 { heartbeat > 0 ? Int32(heartbeat) * 250 : 1000 }

    /// Examines the outcome of a synchronous method.
    func check(_ action: String) throws(AMQPError) {
        try check(amqp_get_rpc_reply(state), action)
    }

    /// Examines a reply.
    func check(_ reply: amqp_rpc_reply_t, _ action: String) throws(AMQPError) {
        guard let error = Self.error(in: reply, action) else { return }
        isUsable = false
        throw error
    }

    /// Examines a status code.
    func check(status: Int32, _ action: String) throws(AMQPError) {
        guard status != 0 else { return }
        isUsable = false
        throw AMQPError(action: action, problem: String(cString: amqp_error_string2(status)))
    }

    /// The error for a frame that ends the channel, the connection or the consumer; nil for other frames.
    func ending(_ frame: amqp_frame_t) -> AMQPError? {
        guard Int32(frame.frame_type) == AMQP_FRAME_METHOD else { return nil }
        let method = frame.payload.method
        switch method.id {
        case asterism_channel_close, asterism_connection_close:
            isUsable = false
            return Self.closed(method, "using the connection")
        case asterism_basic_cancel:
            return AMQPError(action: "consuming", problem: "the broker cancelled the consumer: its queue is gone")
        default:
            return nil
        }
    }

    /// Makes sure that a durable exchange exists.
    func declareExchange(_ exchange: String, type: String = "topic") throws(AMQPError) {
        AMQPBytes.with([exchange, type]) { bytes in
            _ = amqp_exchange_declare(
                state,
                Self.channel,
                bytes[0],
                bytes[1],
                0,
                1,
                0,
                0,
                amqp_empty_table
            )
        }
        try check("declaring the exchange \(exchange)")
    }

    /// Has one exchange get everything that is published to another, which is a topic exchange.
    func bindExchange(_ destination: String, to source: String) throws(AMQPError) {
        AMQPBytes.with([destination, source, "#"]) { bytes in
            _ = amqp_exchange_bind(state, Self.channel, bytes[0], bytes[1], bytes[2], amqp_empty_table)
        }
        try check("binding the exchange \(destination) to \(source)")
    }

    private static func open(
        _ state: amqp_connection_state_t,
        _ broker: BrokerAddress,
        _ settings: RabbitMQSettings
    ) throws(AMQPError) {
        var patience = timeval(tv_sec: settings.answerTimeout, tv_usec: 0)
        amqp_set_handshake_timeout(state, &patience)
        amqp_set_rpc_timeout(state, &patience)
        let socket: OpaquePointer?
        if broker.usesTLS {
            socket = amqp_ssl_socket_new(state)
            guard let socket else { throw AMQPError(action: "connecting", problem: "TLS cannot be set up") }
            amqp_ssl_socket_set_verify_peer(socket, 1)
            amqp_ssl_socket_set_verify_hostname(socket, 1)
            amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
            let authorities = settings.certificateAuthority ?? "/etc/ssl/certs/ca-certificates.crt"
            guard amqp_ssl_socket_set_cacert(socket, authorities) == 0 else {
                throw AMQPError(
                    action: "reading the authorities in \(authorities)",
                    problem: "it is no readable PEM file"
                )
            }
        } else {
            socket = amqp_tcp_socket_new(state)
        }
        guard let socket else { throw AMQPError(action: "connecting", problem: "out of memory") }
        let status = amqp_socket_open_noblock(socket, broker.host, Int32(broker.port), &patience)
        guard status == 0 else {
            throw AMQPError(action: "connecting", problem: String(cString: amqp_error_string2(status)))
        }
    }

    private static func login(
        _ state: amqp_connection_state_t,
        _ broker: BrokerAddress,
        _ settings: RabbitMQSettings,
        _ name: String
    ) throws(AMQPError) {
        let table = AMQPTable([.init("connection_name", .text(name)), .init("product", .text("Asterism"))])
        let reply = table.withTable { properties in
            withUnsafePointer(to: properties) {
                asterism_amqp_login(
                    state,
                    broker.virtualHost,
                    Int32(settings.heartbeat),
                    $0,
                    broker.user,
                    broker.password
                )
            }
        }
        if let error = error(in: reply, "logging in as \(broker.user)") { throw error }
    }

    private static func error(in reply: amqp_rpc_reply_t, _ action: String) -> AMQPError? {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL:
            return nil
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            return closed(reply.reply, action)
        default:
            return AMQPError(action: action, problem: String(cString: amqp_error_string2(reply.library_error)))
        }
    }

    private static func closed(_ method: amqp_method_t, _ action: String) -> AMQPError {
        guard let decoded = method.decoded else { return AMQPError(action: action, problem: "the broker refused") }
        switch method.id {
        case asterism_channel_close:
            let close = decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            return AMQPError(action: action, problem: AMQPBytes.text(close.reply_text), code: Int(close.reply_code))
        case asterism_connection_close:
            let close = decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            return AMQPError(action: action, problem: AMQPBytes.text(close.reply_text), code: Int(close.reply_code))
        default:
            return AMQPError(action: action, problem: "the broker answered with method \(method.id)")
        }
    }
}
