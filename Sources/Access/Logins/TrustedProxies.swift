import Foundation

/// Whose word is taken for where a client is (`X-Forwarded-For` and its relatives): programs on this host, and proxies that settings name.
package struct TrustedProxies: Sendable, Hashable {
    /// Programs on this host only.
    package static let thisHost = TrustedProxies(networks: [])

    /// The first bits of addresses; IPv4 is written as IPv6 (RFC 4291 section 2.5.5.2).
    private struct Network: Sendable, Hashable {
        var bytes: [UInt8]
        var bits: Int

        func contains(_ address: [UInt8]) -> Bool {
            let whole = bits / 8
            guard bytes[..<whole] == address[..<whole] else { return false }
            guard bits % 8 != 0 else { return true }
            let mask = UInt8(truncatingIfNeeded: 0xff00 >> (bits % 8))
            return bytes[whole] & mask == address[whole] & mask
        }
    }

    private static let loopback = [
        Network(bytes: binary("127.0.0.0") ?? [], bits: 104), Network(bytes: binary("::1") ?? [], bits: 128),
    ]

    private var networks: [Network]

    /// - Parameter text: addresses and networks, comma-separated: `10.0.0.5, 172.16.0.0/12, fd00::/8`.
    /// - Throws: ``TrustedProxiesError`` for the first that is neither.
    package init(_ text: String) throws(TrustedProxiesError) {
        networks = []
        for word in text.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) where !word.isEmpty {
            let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count <= 2, let bytes = Self.binary(parts[0]) else { throw TrustedProxiesError(word: word) }
            let width = parts[0].contains(":") ? 128 : 32
            guard let bits = parts.count == 2 ? Int(parts[1]) : width, (0...width).contains(bits) else {
                throw TrustedProxiesError(word: word)
            }
            networks.append(Network(bytes: bytes, bits: 128 - width + bits))
        }
    }

    private init(networks: [Network]) { self.networks = networks }

    /// Whether somebody at an address is believed.
    package func trusts(_ address: String) -> Bool {
        guard let bytes = Self.binary(address) else { return false }
        return Self.loopback.contains { $0.contains(bytes) } || networks.contains { $0.contains(bytes) }
    }

    private static func binary(_ address: String) -> [UInt8]? {
        var six = in6_addr()
        let text = address.contains(":") ? address : "::ffff:" + address
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        return withUnsafeBytes(of: six) { Array($0) }
    }
}

/// Why proxies cannot be named so.
package struct TrustedProxiesError: Error, Sendable, Hashable, CustomStringConvertible {
    package var word: String

    package var description: String {
        "'\(word)' is no address of a proxy; give addresses and networks such as 10.0.0.5 or 172.16.0.0/12, comma-separated"
    }
}
