import EventBus
import NIOCore

extension EventFormat {
    /// The event in a message of either format, ours or that of a real res_stasis_amqp; nil when it is no JSON object.
    package static func event(in message: AMQPMessage) -> BusEvent? {
        guard let topic = message.text(Header.topic), let name = message.text(Header.name) else {
            return foreign(message)
        }
        var body = message.body
        if message.text("category") != nil {
            let wrapper = EventWrapper(name: name, application: BusTopic(topic).application)
            guard let event = wrapper.unwrap(body) ?? EventWrapper.dataOfForeign(body) else { return nil }
            body = event
        }
        return BusEvent(
            topic: topic,
            name: name,
            node: message.text(Header.node) ?? "",
            incarnation: message.text(Header.incarnation) ?? "",
            sequence: UInt64(truncatingIfNeeded: message.number(Header.sequence) ?? 0),
            body: body
        )
    }

    /// A message without our headers: which node it came from and whether one is missing cannot be told.
    private static func foreign(_ message: AMQPMessage) -> BusEvent? {
        let isWrapped = message.text("category") != nil
        guard let body = isWrapped ? EventWrapper.dataOfForeign(message.body) : message.body,
            let name = message.text("name") ?? EventWrapper.nameOfForeign(message.body)
        else { return nil }
        let isManager = message.routingKey.hasPrefix("ami.")
        return BusEvent(
            topic: isManager ? "stasis.\(message.routingKey)" : message.routingKey,
            name: name,
            node: "",
            incarnation: "",
            sequence: 0,
            body: body
        )
    }
}
