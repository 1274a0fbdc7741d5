import ARI

/// Things that several nodes know under one name, and how what they say becomes one.
package enum MergedResource: Sendable, Hashable {
    case endpoints, deviceStates, storedRecordings, sounds, modules, logChannels, mailboxes

    /// What each node answered, a list or a single thing, as one Asterisk would have answered it. Things keep the order in which
    /// they first come.
    /// - Returns: nil when nothing is left, as after hiding what is the fleet's own.
    package func merge(_ answers: [JSONValue]) -> JSONValue? {
        var order: [String] = []
        var merged: [String: JSONValue] = [:]
        for item in answers.flatMap({ $0.array ?? [$0] }) {
            guard let key = key(of: item), !isOurs(item) else { continue }
            if let known = merged[key] {
                merged[key] = combine(known, item)
            } else {
                order.append(key)
                merged[key] = shown(item)
            }
        }
        let items = order.compactMap { merged[$0] }
        return answers.contains { $0.array != nil } ? .array(items) : items.first
    }

    private func key(of item: JSONValue) -> String? {
        func joined(_ members: String...) -> String? {
            let values = members.compactMap { item[$0]?.string }
            return values.isEmpty ? nil : values.joined(separator: "\u{0}")
        }
        return switch self {
        case .endpoints: joined("technology", "resource")
        case .storedRecordings: joined("name", "format")
        case .sounds: joined("id")
        case .logChannels: joined("channel")
        case .deviceStates, .modules, .mailboxes: joined("name")
        }
    }

    /// Trunks between nodes, and their states, are nobody's business.
    private func isOurs(_ item: JSONValue) -> Bool {
        switch self {
        case .endpoints: Trunk.isEndpoint(item["technology"]?.string, item["resource"]?.string)
        case .deviceStates: item["name"]?.string.map(Trunk.isDevice) ?? false
        default: false
        }
    }

    private func shown(_ item: JSONValue) -> JSONValue {
        guard self == .endpoints, let channels = item["channel_ids"]?.array else { return item }
        var shown = item
        shown["channel_ids"] = .array(channels.filter { $0.string.flatMap { LegID(channelID: $0) } == nil })
        return shown
    }

    private func combine(_ known: JSONValue, _ other: JSONValue) -> JSONValue {
        var merged = known
        switch self {
        case .endpoints:
            let channels = (known["channel_ids"]?.array ?? []) + (shown(other)["channel_ids"]?.array ?? [])
            merged["channel_ids"] = .array(channels)
            // Registered at one node is registered.
            if other["state"]?.string == "online" { merged["state"] = "online" }
        case .deviceStates:
            let states = [known, other].compactMap { $0["state"]?.string }
            if let state = DeviceStates.busiest(of: states) { merged["state"] = .string(state) }
        case .mailboxes, .storedRecordings, .sounds, .modules, .logChannels: break
        }
        return merged
    }
}
