/// How a bus is set up.
package struct RabbitMQSettings: Sendable {
    /// The brokers, tried in turn.
    package var brokers: [BrokerAddress]
    /// A PEM file with the authorities that `amqps://` brokers are verified with; nil is the system's.
    package var certificateAuthority: String?
    /// The topic exchange.
    package var exchange = "wazo"
    /// The exchanges of services' events.
    package var services = ServiceExchanges()
    /// How bodies and routing keys look.
    package var format = EventFormat.bare
    /// Shown in the broker's management tools.
    package var connectionName: String
    /// The consumer's name, which names its queue (`asterism.<name>`), so that what comes while it is away waits for it. Without a
    /// name queues last as long as the connection.
    package var consumer: String?
    /// Seconds between heartbeats; a broker that is silent for twice as long is left.
    package var heartbeat = 5
    /// Seconds that a broker may take for one answer while it is connected to and set up.
    package var answerTimeout = 3
    /// Events kept while the broker is away.
    package var bufferedEvents = 100_000
    /// Bytes of bodies kept while the broker is away.
    package var bufferedBytes = 64 << 20
    /// Events sent and not yet confirmed by the broker.
    package var unconfirmedEvents = 256
    /// How long a full buffer may hold up a publisher while the broker is there but slow.
    package var patience = Duration.seconds(1)
    /// Events that a named queue keeps for a consumer that is away; beyond it the oldest are dropped.
    package var queuedEvents = 100_000
    /// How long a named queue outlives its consumer.
    package var queueLifetime = Duration.seconds(600)
    /// Called with the number of events lost, at each loss.
    package var onLoss: @Sendable (Int) -> Void = { _ in }

    package init(brokers: [BrokerAddress], connectionName: String, consumer: String? = nil) {
        self.brokers = brokers
        self.connectionName = connectionName
        self.consumer = consumer
    }
}
