/// Every metric of the fleet, in one place. `docs/monitoring.md` explains them by task.
package enum FleetMetrics {
    // Gateway: what the fleet does.
    package static let calls = MetricDeclaration("asterism_calls", .gauge, "Calls up, by node.")
    package static let channels = MetricDeclaration("asterism_channels", .gauge, "Channels known, legs left out.")
    package static let bridges = MetricDeclaration("asterism_bridges", .gauge, "Fleet bridges.")
    package static let legs = MetricDeclaration("asterism_legs", .gauge, "Legs that tie bridges on two nodes together.")
    package static let nodes = MetricDeclaration("asterism_nodes", .gauge, "Nodes known, by state.")
    package static let events = MetricDeclaration("asterism_events_total", .counter, "Events taken in, by type.")
    package static let requests = MetricDeclaration(
        "asterism_request_seconds",
        .histogram,
        "Time from a whole request to the end of its answer, by method and class of status."
    )
    package static let upstreamQueue = MetricDeclaration(
        "asterism_upstream_queue",
        .gauge,
        "Requests that wait for a connection to a node."
    )
    package static let eventSockets = MetricDeclaration("asterism_event_sockets", .gauge, "Event sockets open.")
    package static let eventBacklog = MetricDeclaration(
        "asterism_event_backlog_bytes",
        .gauge,
        "Bytes of events that wait for slow readers, over all sockets."
    )

    // Bus and registry, of any role.
    package static let busBuffered = MetricDeclaration(
        "asterism_bus_buffered",
        .gauge,
        "Events that wait for the broker or for its confirmation."
    )
    package static let busDropped = MetricDeclaration(
        "asterism_bus_dropped_total",
        .counter,
        "Events dropped because the buffer was full."
    )
    package static let busReconnects = MetricDeclaration(
        "asterism_bus_reconnects_total",
        .counter,
        "Connections to the broker after the first."
    )
    package static let registryReconnects = MetricDeclaration(
        "asterism_registry_reconnects_total",
        .counter,
        "Times the registry was reached again after it was away."
    )

    // Node agent.
    package static let nodeEvents = MetricDeclaration(
        "asterism_node_events_total",
        .counter,
        "Events a node published, by type."
    )
    package static let nodeLinks = MetricDeclaration(
        "asterism_node_links",
        .gauge,
        "Event links that Asterisk holds to its agent."
    )
    package static let nodeReloads = MetricDeclaration(
        "asterism_node_reloads_total",
        .counter,
        "Reloads of Asterisk's configuration."
    )
    package static let nodeRestarts = MetricDeclaration(
        "asterism_node_restarts_total",
        .counter,
        "Starts of Asterisk after the first."
    )

    // Edge agent.
    package static let edgeActiveNodes = MetricDeclaration(
        "asterism_edge_active_nodes",
        .gauge,
        "Nodes that Kamailio sends calls to."
    )
    package static let edgeRegistrations = MetricDeclaration(
        "asterism_edge_registrations",
        .gauge,
        "Contacts of phones, counted now and then."
    )
    package static let edgeReconciles = MetricDeclaration(
        "asterism_edge_reconciles_total",
        .counter,
        "Comparisons of Kamailio with the registry, by outcome."
    )

    // Front agent.
    package static let frontUpstreams = MetricDeclaration(
        "asterism_front_upstreams",
        .gauge,
        "Servers that nginx passes requests to, by service."
    )
    package static let frontReloads = MetricDeclaration(
        "asterism_front_reloads_total",
        .counter,
        "New configurations of nginx, by outcome."
    )
    package static let frontRestarts = MetricDeclaration(
        "asterism_front_restarts_total",
        .counter,
        "Starts of nginx after the first."
    )

    // Applicationd.
    package static let serviceEvents = MetricDeclaration(
        "asterism_service_events_total",
        .counter,
        "Events of applications announced, by name."
    )
    package static let applicationdLeading = MetricDeclaration(
        "asterism_applicationd_leading",
        .gauge,
        "1 on the instance of applicationd that announces events."
    )

    // Websocketd.
    package static let websocketdSessions = MetricDeclaration(
        "asterism_websocketd_sessions",
        .gauge,
        "Clients that hear events."
    )
    package static let websocketdEvents = MetricDeclaration(
        "asterism_websocketd_events_total",
        .counter,
        "Events delivered, once for each client, and events that nobody got, by reason."
    )
    package static let websocketdCloses = MetricDeclaration(
        "asterism_websocketd_closes_total",
        .counter,
        "Sessions that ended, by close code."
    )
    package static let websocketdBacklog = MetricDeclaration(
        "asterism_websocketd_backlog_bytes",
        .gauge,
        "Bytes of events that wait for slow readers, over all clients."
    )

    // auth.
    package static let logins = MetricDeclaration("asterism_auth_logins_total", .counter, "Logins, by how they ended.")
    package static let tokenValidations = MetricDeclaration(
        "asterism_auth_validations_total",
        .counter,
        "Questions about tokens, by answer."
    )

    // The process itself; the names are those of Prometheus' own client libraries.
    package static let residentMemory = MetricDeclaration(
        "process_resident_memory_bytes",
        .gauge,
        "Resident memory size in bytes."
    )
    package static let cpuSeconds = MetricDeclaration(
        "process_cpu_seconds_total",
        .counter,
        "Total user and system CPU time spent in seconds."
    )
    package static let openFiles = MetricDeclaration("process_open_fds", .gauge, "Number of open file descriptors.")
    package static let startTime = MetricDeclaration(
        "process_start_time_seconds",
        .gauge,
        "Start time of the process since unix epoch in seconds."
    )

    /// All of them.
    package static let all = [
        calls, channels, bridges, legs, nodes, events, requests, upstreamQueue, eventSockets, eventBacklog,
        busBuffered, busDropped, busReconnects, registryReconnects,
        nodeEvents, nodeLinks, nodeReloads, nodeRestarts,
        edgeActiveNodes, edgeRegistrations, edgeReconciles,
        frontUpstreams, frontReloads, frontRestarts,
        serviceEvents, applicationdLeading,
        websocketdSessions, websocketdEvents, websocketdCloses, websocketdBacklog,
        logins, tokenValidations,
        residentMemory, cpuSeconds, openFiles, startTime,
    ]
}
