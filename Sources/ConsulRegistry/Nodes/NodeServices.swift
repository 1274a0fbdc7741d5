import Registry

/// The services of a node, as res_consul_discovery and res_consul_stasis_app register them, with our facts as `Meta`.
enum NodeServices {
    /// The service of the node itself.
    /// - Parameter isHeld: whether it stays critical, whatever Consul would see of the node.
    static func node(
        _ record: NodeRecord,
        isHeld: Bool = false,
        settings: ConsulSettings
    ) -> ServiceDefinition {
        ServiceDefinition(
            ID: record.id,
            Name: settings.nodeService,
            Address: record.sip.host,
            Port: record.sip.port,
            Tags: ["asterisk"],
            Meta: [
                "eid": record.id, "name": record.name, "nickname": record.nickname,
                "incarnation": record.incarnation, "weight": "\(record.weight)", "health": record.health.rawValue,
            ],
            // Tools bind sessions to `service:<id>`, which is this check's id only while it is the only one.
            Checks: [
                CheckDefinition(
                    HTTP: isHeld ? nil : "http://\(record.ari)/httpstatus",
                    Interval: isHeld ? nil : settings.checkInterval.inConsul,
                    Timeout: isHeld ? nil : settings.checkTimeout.inConsul,
                    TTL: isHeld ? settings.forgetAfter.inConsul : nil,
                    Status: record.health == .passing && !isHeld ? "passing" : "critical",
                    DeregisterCriticalServiceAfter: settings.forgetAfter.inConsul
                )
            ]
        )
    }

    /// The service that says that a node serves an application.
    static func application(_ name: String, node id: String) -> ServiceDefinition {
        ServiceDefinition(ID: applicationPrefix(node: id) + name, Name: name, Tags: [id])
    }

    /// What the ids of a node's applications begin with.
    static func applicationPrefix(node id: String) -> String { "stasis/\(id)/" }

    /// The service of one of our own processes, which proves its life every second.
    static func process(id: String, settings: ConsulSettings) -> ServiceDefinition {
        ServiceDefinition(
            ID: id,
            Name: "asterism-\(settings.role)",
            Checks: [
                CheckDefinition(
                    TTL: settings.processTTL.inConsul,
                    Status: "passing",
                    DeregisterCriticalServiceAfter: settings.forgetAfter.inConsul
                )
            ]
        )
    }

    /// The id that Consul gives to the only check of a service.
    static func check(ofService id: String) -> String { "service:\(id)" }
}
