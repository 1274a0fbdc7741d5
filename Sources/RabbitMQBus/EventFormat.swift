import EventBus
import NIOCore

/// The two wire formats of res_stasis_amqp. Our own headers, which its consumers ignore, are added to both.
package enum EventFormat: String, Sendable, Hashable, CaseIterable {
    /// Bodies are bare events (`scale` branch).
    case bare
    /// Bodies are `{"name":..,"data":<event>,"application":..}` and described by headers (`master` branch).
    case wrapped

    /// The headers that a ``BusEvent`` is rebuilt from.
    enum Header {
        static let topic = "x-asterism-topic"
        static let name = "x-asterism-name"
        static let node = "x-asterism-node"
        static let incarnation = "x-asterism-incarnation"
        static let sequence = "x-asterism-sequence"
    }

    /// The message that carries an event.
    package func message(for event: BusEvent) -> AMQPMessage {
        let topic = BusTopic(event.topic)
        var headers = [
            AMQPMessage.Header(Header.topic, .text(event.topic)),
            AMQPMessage.Header(Header.name, .text(event.name)),
            AMQPMessage.Header(Header.node, .text(event.node)),
            AMQPMessage.Header(Header.incarnation, .text(event.incarnation)),
            AMQPMessage.Header(Header.sequence, .number(Int64(truncatingIfNeeded: event.sequence))),
        ]
        switch self {
        case .bare:
            return AMQPMessage(routingKey: topic.bareKey, headers: headers, body: event.body)
        case .wrapped:
            headers.append(.init("name", .text(event.name)))
            headers.append(.init("category", .text(topic.category)))
            if let application = topic.application { headers.append(.init("application_name", .text(application))) }
            return AMQPMessage(
                routingKey: topic.wrappedKey(name: event.name),
                headers: headers,
                body: EventWrapper(name: event.name, application: topic.application).wrap(event.body)
            )
        }
    }

    /// The routing patterns that cover a topic pattern; they may let more through, which ``Selection`` holds back.
    package func bindings(for pattern: String) -> Set<String> {
        // Keys are lower-cased where topics are not.
        let same: Set<String> = [pattern, pattern.lowercased()]
        guard self == .wrapped else { return same }
        if pattern.hasPrefix("stasis.app.") || pattern.hasPrefix("stasis.node.") { return same }
        if pattern.hasPrefix("stasis.channel.") { return ["stasis.channel.#"] }
        if pattern.hasPrefix("stasis.ami.") { return [pattern.dropFirst("stasis.".count).lowercased()] }
        let words = pattern.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = words.prefix(2).allSatisfy { $0 != "#" && $0 != "*" }
        return isPlain && words.first != "stasis" ? same : ["#"]
    }
}

/// A topic and the routing keys it becomes.
struct BusTopic {
    private enum Kind { case application, channel, manager, other }

    private let text: String
    private let kind: Kind

    init(_ text: String) {
        self.text = text
        kind =
            if text.hasPrefix("stasis.app.") {
                .application
            } else if text.hasPrefix("stasis.channel.") {
                .channel
            } else if text.hasPrefix("stasis.ami.") {
                .manager
            } else {
                .other
            }
    }

    /// The application the event was for.
    var application: String? { kind == .application ? String(text.dropFirst("stasis.app.".count)) : nil }

    /// The value of the header `category`.
    var category: String { kind == .manager ? "ami" : "stasis" }

    var bareKey: String {
        switch kind {
        case .application, .manager: text.lowercased()
        case .channel, .other: text
        }
    }

    func wrappedKey(name: String) -> String {
        switch kind {
        case .application: text.lowercased()
        case .channel: "stasis.channel.\(name.lowercased())"
        case .manager: String(text.dropFirst("stasis.".count)).lowercased()
        case .other: text
        }
    }
}
