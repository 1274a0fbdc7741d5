import NIOCore

/// A message as it travels: `application/json`.
package struct AMQPMessage: Sendable, Hashable {
    /// A header's value.
    package enum Value: Sendable, Hashable {
        /// UTF-8 text.
        case text(String)
        /// A signed integer of 64 bits.
        case number(Int64)
        case flag(Bool)
        /// A header without a value.
        case null
    }

    /// A header.
    package struct Header: Sendable, Hashable {
        /// Its name.
        package var name: String
        /// Its value.
        package var value: Value

        package init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// The routing key.
    package var routingKey: String
    /// Headers in the order sent.
    package var headers: [Header]
    /// The body.
    package var body: ByteBuffer
    /// `content_encoding`; nil leaves it out.
    package var encoding: String?
    /// Seconds since 1970; nil leaves it out.
    package var timestamp: UInt64?

    package init(routingKey: String, headers: [Header], body: ByteBuffer) {
        self.routingKey = routingKey
        self.headers = headers
        self.body = body
    }

    /// The text of a header.
    package func text(_ name: String) -> String? {
        for header in headers where header.name == name {
            if case .text(let text) = header.value { return text }
        }
        return nil
    }

    /// The number in a header.
    package func number(_ name: String) -> Int64? {
        for header in headers where header.name == name {
            if case .number(let number) = header.value { return number }
        }
        return nil
    }
}
