/// Where each kind of fact lives in the registry. The prefixes of applications are those of res_consul_stasis_app.
public enum RegistryKey {
    /// Stasis applications that agents subscribe to on every node; the value is the name itself.
    public static let applications = "applications/"
    /// Dialled number -> application name (UTF-8 text).
    public static let routes = "routes/"
    /// SIP account name -> ``SubscriberRecord`` as JSON.
    public static let subscribers = "subscribers/"
    /// Fleet bridge id -> bridge record as JSON.
    public static let bridges = "bridges/"
    /// How many nodes the fleet should have (decimal text), watched by whoever starts nodes.
    public static let fleetSize = "fleet/size"

    public static func application(_ name: String) -> String { applications + name }
    public static func route(_ number: String) -> String { routes + number }
    public static func subscriber(_ name: String) -> String { subscribers + name }
    public static func bridge(_ id: String) -> String { bridges + id }
}
