import ConsulRegistry
import RabbitMQBus
import Registry

/// What every role of a cluster is told: where registry and bus are, and where it says how it is.
package struct ClusterSettings: Sendable {
    /// Consul agents.
    package var consul: [ConsulAddress]
    /// Consul's ACL token.
    package var consulToken: ConsulToken?
    /// A PEM file with the authorities of Consul's certificate.
    package var consulAuthority: String?
    /// RabbitMQ brokers.
    package var brokers: [BrokerAddress]
    /// A PEM file with the authorities of the brokers' certificates.
    package var brokerAuthority: String?
    /// The topic exchange of events.
    package var exchange = "wazo"
    /// How events look on the bus.
    package var format = EventFormat.bare
    /// Where `/status` and `/metrics` are; nil serves none.
    package var status: HostPort?

    package init(consul: [ConsulAddress], brokers: [BrokerAddress]) {
        self.consul = consul
        self.brokers = brokers
    }

    /// How a process of a role uses Consul.
    package func registry(role: String) -> ConsulSettings {
        ConsulSettings(addresses: consul, token: consulToken, caFile: consulAuthority, role: role)
    }

    /// How a process uses RabbitMQ.
    /// - Parameter consumer: a name under which events wait for it while it is away; nil for one that only publishes, or that need
    ///   not know what it missed.
    package func bus(name: String, consumer: String? = nil) -> RabbitMQSettings {
        var settings = RabbitMQSettings(brokers: brokers, connectionName: name, consumer: consumer)
        settings.certificateAuthority = brokerAuthority
        settings.exchange = exchange
        settings.format = format
        return settings
    }
}
