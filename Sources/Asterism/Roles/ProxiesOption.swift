import Access
import ArgumentParser

/// Which proxies are believed.
struct ProxiesOption: ParsableArguments {
    @Option(
        help:
            "Addresses or networks of proxies that are believed where a client is, comma-separated. (default: this host's)"
    )
    var proxies: String?

    /// What flag, environment or file give.
    func trusted(_ source: SettingsSource) throws -> TrustedProxies {
        do throws(TrustedProxiesError) {
            return try TrustedProxies(proxies ?? source.string("proxies") ?? "")
        } catch { throw ValidationError("--proxies: \(error)") }
    }
}
