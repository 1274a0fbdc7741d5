import Access
import Synchronization

/// Bounds failed logins per address, and tighter per name from one address.
///
/// Names alone are not counted: whoever knows a name could lock its owner out.
final class LoginGuard: Sendable {
    private struct State {
        var addresses: LoginThrottle
        var names: LoginThrottle
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> ContinuousClock.Instant

    init(_ bounds: LoginBounds, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        state = Mutex(
            State(addresses: LoginThrottle(bounds.perAddress), names: LoginThrottle(bounds.perName))
        )
        self.now = now
    }

    /// How long to wait before the next attempt; nil when it may be made now.
    func delay(name: String, address: String) -> Duration? {
        let now = now()
        return state.withLock { state in
            let delays = [
                state.addresses.delay(for: address, at: now), state.names.delay(for: Self.key(name, address), at: now),
            ]
            return delays.compactMap { $0 }.max()
        }
    }

    func failed(name: String, address: String) {
        let now = now()
        state.withLock { state in
            state.addresses.failed(address, at: now)
            state.names.failed(Self.key(name, address), at: now)
        }
    }

    private static func key(_ name: String, _ address: String) -> String {
        "\(name.prefix(256).lowercased()) at \(address)"
    }
}

/// How many failed logins are borne.
package struct LoginBounds: Sendable {
    /// Of one address, with whatever names.
    package var perAddress = LoginThrottle.Bounds()
    /// With one name from one address.
    package var perName: LoginThrottle.Bounds = {
        var bounds = LoginThrottle.Bounds()
        bounds.burst = 10
        bounds.interval = .seconds(6)
        return bounds
    }()

    package init() {}
}
