import EventBus
import Foundation

/// The exchanges that events of services go through, by the names that Wazo's daemons and their clients know. What is published to a
/// topic exchange, where clients of the first generation listen, flows on to the headers exchange of today's.
package struct ServiceExchanges: Sendable, Hashable {
    /// Topic exchange of applicationd.
    package var applications = "wazo-applicationd"
    /// Topic exchange of everything else, of auth above all.
    package var others = "xivo"
    /// Headers exchange that gets all of it.
    package var all = "wazo-headers"

    package init() {}

    /// Where an event is published.
    func exchange(of event: ServiceEvent) -> String {
        event.routingKey.hasPrefix("applications.") ? applications : others
    }

    /// Makes sure that they exist and are connected.
    func declare(over connection: AMQPConnection) throws {
        try connection.declareExchange(all, type: "headers")
        for exchange in [applications, others] {
            try connection.declareExchange(exchange)
            try connection.bindExchange(all, to: exchange)
        }
    }
}
