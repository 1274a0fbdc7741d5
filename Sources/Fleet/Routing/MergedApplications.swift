import ARI

/// The applications of all nodes as one Asterisk would list them: each once, with the channels and bridges that it has on any node.
package struct MergedApplications: Sendable, Hashable {
    /// Sorted by name.
    package let all: [JSONValue]

    /// - Parameter listed: what the nodes listed (model `Application`).
    package init(_ listed: [JSONValue]) {
        var byName: [String: JSONValue] = [:]
        for application in listed {
            guard let name = application["name"]?.string, name != NodeMirror.observer else { continue }
            byName[name] = Self.merge(byName[name] ?? ["name": .string(name)], application)
        }
        all = byName.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func merge(_ known: JSONValue, _ listed: JSONValue) -> JSONValue {
        var merged = known
        for (member, value) in listed.object ?? [:] {
            guard let items = value.array else {
                merged[member] = merged[member] ?? value
                continue
            }
            var all = merged[member]?.array ?? []
            // A fleet bridge is on several nodes under one id; legs are nobody's business.
            for item in items where !all.contains(item) && item.string.flatMap({ LegID(channelID: $0) }) == nil {
                all.append(item)
            }
            merged[member] = .array(all)
        }
        return merged
    }
}
