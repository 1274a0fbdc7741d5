import EventBus
import Foundation

/// How events of services look on the wire: as kombu sends them, with the headers of wazo-bus.
enum ServiceFormat {
    static func message(for event: ServiceEvent, at time: Date = Date()) -> AMQPMessage {
        let headers = event.headers.sorted { $0.key < $1.key }.map { name, value in
            switch value {
            case .text(let text): AMQPMessage.Header(name, .text(text))
            case .flag(let flag): AMQPMessage.Header(name, .flag(flag))
            case .null: AMQPMessage.Header(name, .null)
            }
        }
        var message = AMQPMessage(routingKey: event.routingKey, headers: headers, body: event.body)
        message.encoding = "utf-8"
        message.timestamp = UInt64(max(0, time.timeIntervalSince1970))
        return message
    }

    /// The event in a message of any service. None of wazo-bus's headers is a number.
    static func event(in message: AMQPMessage) -> ServiceEvent {
        var headers: [String: ServiceEvent.Header] = [:]
        for header in message.headers {
            headers[header.name] =
                switch header.value {
                case .text(let text): .text(text)
                case .flag(let flag): .flag(flag)
                case .number(let number): .flag(number != 0)
                case .null: .null
                }
        }
        return ServiceEvent(routingKey: message.routingKey, headers: headers, body: message.body)
    }
}
