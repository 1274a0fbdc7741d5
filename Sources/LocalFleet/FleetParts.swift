import EventBus
import Registry
import ServiceLifecycle

/// What a way of running a fleet consists of. The services stop in reverse order.
struct FleetParts {
    var registry: any Registry
    var bus: any EventBus
    var services: [any Service]
}
