import ARI

/// Which types of events an application hears (`PUT /applications/{name}/eventFilter`).
package struct EventFilter: Codable, Sendable, Hashable {
    /// Empty: all are.
    package private(set) var allowed: [String] = []
    /// Wins over ``allowed``.
    package private(set) var disallowed: [String] = []

    package init() {}

    /// Takes in the body of a request as Asterisk does: a list that is missing stays as it is, but an empty body clears both.
    /// - Returns: nil when it is not such a body.
    package func changed(by body: JSONValue) -> EventFilter? {
        guard let members = body.object else { return nil }
        guard !members.isEmpty else { return EventFilter() }
        guard let allowed = Self.types(members["allowed"], otherwise: allowed),
            let disallowed = Self.types(members["disallowed"], otherwise: disallowed)
        else { return nil }
        var changed = self
        changed.allowed = allowed
        changed.disallowed = disallowed
        return changed
    }

    private static func types(_ list: JSONValue?, otherwise former: [String]) -> [String]? {
        guard let list else { return former }
        let types = list.array?.compactMap { $0["type"]?.string }
        return types?.count == list.array?.count ? types : nil
    }

    package func admits(_ type: String) -> Bool {
        !disallowed.contains(type) && (allowed.isEmpty || allowed.contains(type))
    }

    /// An application as listed, with this filter in place of a node's.
    package func shown(in application: JSONValue) -> JSONValue {
        func list(_ types: [String]) -> JSONValue { .array(types.map { ["type": .string($0)] }) }
        var shown = application
        shown["events_allowed"] = list(allowed)
        shown["events_disallowed"] = list(disallowed)
        return shown
    }
}
