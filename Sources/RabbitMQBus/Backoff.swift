/// How long to wait between attempts to connect: 0.1 s, doubled each time up to 2 s, and never the same for two.
package struct Backoff: Sendable {
    private var attempts = 0

    package init() {}

    /// The next delay.
    /// - Parameter jitter: between 0 and 1.
    package mutating func next(jitter: Double = .random(in: 0...1)) -> Duration {
        let full = min(0.1 * Double(1 << min(attempts, 10)), 2)
        attempts += 1
        return .seconds(full * (0.75 + 0.25 * jitter))
    }

    /// An attempt succeeded.
    package mutating func reset() { attempts = 0 }
}
