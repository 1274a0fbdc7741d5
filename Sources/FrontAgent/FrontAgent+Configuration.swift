import CoreMetrics
import Foundation
import Logging
import Registry
import Telemetry

/// Keeping nginx's configuration as it should be.
extension FrontAgent {
    /// Changes that come together make one reload.
    private static let reloadSpacing = Duration.milliseconds(100)

    /// The only place that writes the configuration, one at a time.
    func apply(on nudges: AsyncStream<Void>, _ files: NginxFiles) async {
        for await _ in nudges {
            memory.expire(at: .now)
            let wanted = memory.known.without(silence.silent)
            guard wanted != applied?.upstreams else { continue }
            do {
                try await replaceConfiguration(wanted, files)
                reload()
                metrics.count(FleetMetrics.frontReloads, [("outcome", "ok")])
                logger.info("nginx has new servers", metadata: ["gateways": "\(wanted[.gateways])"])
            } catch {
                if Task.isCancelled { return }
                metrics.count(FleetMetrics.frontReloads, [("outcome", "rejected")])
                // One complaint about a lasting trouble is enough.
                if current.problem != "\(error)" { logger.error("nginx keeps its old servers: \(error)") }
                update { $0.problem = "\(error)" }
            }
            try? await Task.sleep(for: Self.reloadSpacing)
        }
    }

    func replaceConfiguration(_ upstreams: FrontUpstreams, _ files: NginxFiles) async throws {
        generations += 1
        let generation = "\(runID)-\(generations)"
        let configuration = NginxConfiguration(settings: settings, upstreams: upstreams, generation: generation)
        try await files.replace(with: configuration.text(templates))
        applied = (upstreams, generation)
        for service in FrontService.allCases {
            metrics.makeMeter(label: FleetMetrics.frontUpstreams.name, dimensions: [("service", service.rawValue)])
                .set(Int64(upstreams[service].count))
        }
        update {
            $0.gateways = upstreams[.gateways]
            $0.problem = nil
        }
        try files.remember(memory.known)
    }

    /// A master that is just starting would die of the signal, and reads the newest configuration anyway.
    func reload() {
        if watch.isServing, let pid = current.pid { _ = kill(pid, SIGHUP) }
    }
}
