import ArgumentParser
import Engines
import Fleet
import Operator
import Phone

/// Whom the built-in phone calls as, and through which edge.
struct PhoneOptions: ParsableArguments {
    @Option(help: "State directory of the fleet to call. (default: as for `asterism up`)") var stateDir: String?
    @Option(help: "The edge, host or host:port. (default: that of the running fleet, else 127.0.0.1:5060)") var edge:
        String?
    @Option(help: "SIP account. (default: demo)") var user: String?
    @Option(help: "Its password; better given as ASTERISM_SIP_PASSWORD. (default: demo)") var password: String?
    @Flag(help: "Use SIP over TCP.") var tcp = false

    /// The fleet on this machine, if one runs.
    func fleet(_ source: SettingsSource) -> FleetConnection? {
        try? FleetConnection(stateDirectory: StateDirectory.choose(stateDir, source))
    }

    func account(_ source: SettingsSource, fleet: FleetConnection?) throws -> PhoneAccount {
        let address = edge ?? source.string("edge") ?? fleet?.edge ?? "127.0.0.1:5060"
        let parts = address.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first, !host.isEmpty,
            let port = parts.count == 2 ? Int(parts[1]) : 5060
        else {
            throw ValidationError("--edge \(address) is not a host or host:port")
        }
        return PhoneAccount(
            user: user ?? source.string("sip-user") ?? "demo",
            password: password ?? source.string("sip-password") ?? "demo",
            host: String(host),
            port: port,
            transport: tcp ? .tcp : .udp
        )
    }
}

/// What the built-in phone needs to understand words.
enum SpeechPackages {
    static let names = ["pocketsphinx", "pocketsphinx-en-us"]

    static func install() async throws {
        try await DebianPackages(onProgress: printLine).install(names)
    }
}
