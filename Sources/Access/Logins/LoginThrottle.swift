import Foundation

/// How often an address may fail to log in: a burst, and then one more per interval.
///
/// A login that succeeds costs nothing and pays nothing back: who has one account must not buy guesses at others with it. An address
/// over its bound is refused before its password is looked at, so that it learns nothing.
package struct LoginThrottle: Sendable {
    /// How many failures are borne.
    package struct Bounds: Sendable {
        /// At once.
        package var burst = 20
        /// After that, one in this time.
        package var interval: Duration = .seconds(3)
        /// How many addresses are remembered; the least recent ones are forgotten.
        package var addresses = 10_000

        package init() {}
    }

    package typealias Instant = ContinuousClock.Instant

    private let bounds: Bounds
    /// Per address, when all its failures are forgiven.
    private var forgiven: RecentEntries<Instant>

    package init(_ bounds: Bounds = Bounds()) {
        self.bounds = bounds
        forgiven = RecentEntries(atMost: bounds.addresses)
    }

    /// Whether no failure is remembered.
    package var isEmpty: Bool { forgiven.isEmpty }

    /// How long an address has to wait before its next attempt; nil when it may try now.
    package func delay(for address: String, at now: Instant) -> Duration? {
        guard let instant = forgiven[Self.source(address)] else { return nil }
        let delay = now.duration(to: instant) - bounds.interval * (bounds.burst - 1)
        return delay > .zero ? delay : nil
    }

    /// Notes that an attempt was wrong.
    package mutating func failed(_ address: String, at now: Instant) {
        let source = Self.source(address)
        let start = max(forgiven[source] ?? now, now)
        // What a burst of attempts under way adds must not lock the address out for longer than the bound.
        forgiven[source] = min(start + bounds.interval, now + bounds.interval * bounds.burst)
    }

    /// What is counted together: an IPv4 address, or the /64 that one IPv6 customer has to himself.
    static func source(_ address: String) -> String {
        var binary = in6_addr()
        guard address.contains(":"), inet_pton(AF_INET6, address, &binary) == 1 else { return address }
        let bytes = withUnsafeBytes(of: binary) { Array($0) }
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
        if isMapped { return bytes[12...].map { String($0) }.joined(separator: ".") }
        return bytes[..<8].map { String($0, radix: 16) }.joined(separator: ":")
    }
}
