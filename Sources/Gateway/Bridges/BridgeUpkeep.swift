import Fleet
import Registry
import ServiceLifecycle

/// Looks at every star now and then: a leg that could not be dialled is dialled again, and one that nobody wants is hung up.
struct BridgeUpkeep: Service {
    let bridges: BridgeConductor

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: .seconds(2))
                await bridges.surveyAll()
            }
        }
    }
}

/// Follows the registry's bridges, whoever made them.
struct BridgeWatch: Service {
    let registry: any Registry
    let bridges: BridgeConductor
    let readiness: GatewayReadiness

    func run() async throws {
        for await entries in await registry.changes(under: RegistryKey.bridges).cancelOnGracefulShutdown() {
            await bridges.follow(BridgeRecords.read(entries))
            readiness.note(.bridges)
        }
    }
}
