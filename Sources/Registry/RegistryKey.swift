/// Where each kind of fact lives in the registry. The prefixes of applications are those of res_consul_stasis_app.
package enum RegistryKey {
    /// Stasis applications that agents subscribe to on every node; the value is the name itself.
    package static let applications = "applications/"
    /// Dialled number -> application name (UTF-8 text).
    package static let routes = "routes/"
    /// SIP account name -> ``SubscriberRecord`` as JSON.
    package static let subscribers = "subscribers/"
    /// Fleet bridge id -> bridge record as JSON.
    package static let bridges = "bridges/"
    /// How many nodes the fleet should have (decimal text), watched by whoever starts nodes.
    package static let fleetSize = "fleet/size"

    /// Gateways that run: name -> ``GatewayRecord`` as JSON; announced.
    package static let gateways = "gateways/"
    /// Edges that run: name -> ``EdgeRecord`` as JSON; announced.
    package static let edges = "edges/"
    /// Who keeps the stars of fleet bridges: the name of a gateway; campaigned for.
    package static let conductor = "conductor"
    /// `holders/<application>/<gateway>`: gateways on which sockets of an application are open; announced.
    package static let holders = "holders/"
    /// Numbers of nodes that choose their name themselves: number -> node; campaigned for.
    package static let slots = "slots/"

    /// Marks applications that event sockets registered: they go with the last socket, the others do not.
    package static let socketApplications = "socket-applications/"

    /// Which instance of applicationd announces events: its name; campaigned for.
    package static let applicationdLeader = "applicationd-leader"
    /// Applications that were registered through applicationd: id -> name and tenant as JSON.
    package static let applicationRecords = "application-records/"
    /// `application-snoops/<application>/<snoop>`: who listens to whom, as JSON.
    package static let applicationSnoops = "application-snoops/"

    /// Requests that every node carries out, also one that joins later.
    package static let lastingRequests = "lasting-requests/"
    /// `event-filters/<application>`: which types of events it hears, as JSON.
    package static let eventFilters = "event-filters/"

    package static func lastingRequest(_ name: String) -> String { lastingRequests + name }
    package static func eventFilter(_ application: String) -> String { eventFilters + application }
    package static func applicationRecord(_ id: String) -> String { applicationRecords + id }
    package static func applicationSnoop(_ snoop: String, of application: String) -> String {
        "\(applicationSnoops)\(application)/\(snoop)"
    }
    package static func socketApplication(_ name: String) -> String { socketApplications + name }
    package static func holders(of application: String) -> String { "\(holders)\(application)/" }
    package static func gateway(_ name: String) -> String { gateways + name }
    package static func application(_ name: String) -> String { applications + name }
    package static func route(_ number: String) -> String { routes + number }
    package static func subscriber(_ name: String) -> String { subscribers + name }
    package static func bridge(_ id: String) -> String { bridges + id }
}
