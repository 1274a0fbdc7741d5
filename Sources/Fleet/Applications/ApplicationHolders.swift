/// On which gateway the socket of each application is: as on one Asterisk the newest holds it.
package struct ApplicationHolders: Sendable, Hashable {
    /// One claim of a gateway.
    package struct Claim: Sendable, Hashable, Comparable {
        package var gateway: String
        /// Larger is newer: milliseconds since 1970, or one more than the largest that the gateway saw.
        package var since: UInt64
        /// The workers that share the application's calls there; nil when one socket has them alone.
        package var group: String?

        package init(gateway: String, since: UInt64, group: String? = nil) {
            self.gateway = gateway
            self.since = since
            self.group = group
        }

        /// - Parameter text: as ``text`` wrote it.
        init(gateway: String, text: String) {
            let words = text.split(separator: " ").map(String.init)
            self.init(gateway: gateway, since: words.first.flatMap(UInt64.init) ?? 0, group: words.dropFirst().first)
        }

        /// What is in the registry.
        package var text: String { group.map { "\(since) \($0)" } ?? String(since) }

        package static func < (left: Claim, right: Claim) -> Bool {
            (left.since, left.gateway) < (right.since, right.gateway)
        }
    }

    /// Application -> its claims.
    package private(set) var claims: [String: [Claim]] = [:]

    package init() {}

    /// - Parameter entries: `<application>/<gateway>` -> the text of the claim.
    package init(_ entries: [String: String]) {
        for (key, text) in entries {
            let parts = key.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            claims[parts[0], default: []].append(Claim(gateway: parts[1], text: text))
        }
    }

    /// The gateway on which an application's events are delivered.
    package func holder(of application: String) -> String? { claims[application]?.max()?.gateway }

    /// The group of workers that has the calls of an application; nil when one socket has them alone, or nobody.
    package func group(of application: String) -> String? { claims[application]?.max()?.group }

    /// The gateways that give out the calls of applications to groups of workers, by application.
    package var leaders: [String: String] {
        claims.compactMapValues { claims in claims.max().flatMap { $0.group == nil ? nil : $0.gateway } }
    }

    /// The gateway that gives out the calls of all these applications to a group; nil when they are not one group's on one gateway.
    package func leader(of group: String, sharing applications: [String]) -> String? {
        guard let leader = applications.first.flatMap({ holder(of: $0) }) else { return nil }
        let isLed = applications.allSatisfy { holder(of: $0) == leader && self.group(of: $0) == group }
        return isLed ? leader : nil
    }

    /// A number for a new claim, newer than all others whatever the clocks of their gateways say.
    package func next(for application: String, now: UInt64) -> UInt64 {
        max(now, (claims[application]?.map(\.since).max() ?? 0) + 1)
    }

    /// Which of its own claims a gateway has lost to a newer one.
    package func lost(by gateway: String, own: [String: UInt64]) -> [String] {
        own.filter { application, since in
            let claim = Claim(gateway: gateway, since: since)
            return claims[application]?.contains { $0.gateway != gateway && $0 > claim } ?? false
        }.keys.sorted()
    }
}

/// Finds applications that sockets registered and that nobody holds any more, because their gateway died.
package struct ApplicationLapse: Sendable {
    private var unheld: [String: ContinuousClock.Instant] = [:]

    package init() {}

    /// - Parameters:
    ///   - marked: applications that sockets registered.
    ///   - held: applications that some gateway holds.
    /// - Returns: those without a holder for longer than `linger`, to be removed.
    package mutating func lapsed(
        marked: Set<String>,
        held: Set<String>,
        now: ContinuousClock.Instant,
        linger: Duration
    ) -> [String] {
        let alone = marked.subtracting(held)
        unheld = unheld.filter { alone.contains($0.key) }
        for application in alone where unheld[application] == nil { unheld[application] = now }
        return unheld.filter { now - $0.value > linger }.keys.sorted()
    }
}
