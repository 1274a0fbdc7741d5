import ARI
import Logging
import NIOHTTP1

/// An Asterisk that somebody else configures and runs.
extension NodeAgent {
    /// Asks it whether it lives, and whether it is still the same run.
    func probeAttached() async {
        guard let identity = try? await ari.identity() else {
            note(.probeFailed)
            return
        }
        // The same for every agent that asks: one that starts again finds its run where it was.
        let run = "\(identity.name)-\(identity.startupTime)"
        if run != incarnation {
            begin(incarnation: run)
            note(.processStarted)
            // A link to the new run may be up already.
            if !observers.isEmpty { note(.observerUp) }
        }
        note(.probeSucceeded)
    }
}

/// Which Asterisk it is, and which run of it.
struct AsteriskIdentity: Sendable, Hashable {
    /// Its entity id.
    var id: String
    /// Its `systemname`; empty if it has none.
    var name: String
    /// When it was started.
    var startupTime: String
}

extension ARIClient {
    /// Reads `asterisk/info`.
    func identity() async throws(ARIError) -> AsteriskIdentity {
        // The names are Asterisk's.
        struct Info: Decodable {
            struct System: Decodable { var entity_id: String }
            struct Configuration: Decodable { var name: String? }
            struct Status: Decodable { var startup_time: String }
            var system: System
            var config: Configuration
            var status: Status
        }
        let info = try await request(Info.self, .GET, ["asterisk", "info"])
        return AsteriskIdentity(
            id: info.system.entity_id,
            name: info.config.name ?? "",
            startupTime: info.status.startup_time
        )
    }
}
