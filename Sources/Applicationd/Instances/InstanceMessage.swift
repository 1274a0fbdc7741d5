import EventBus

/// What instances tell one another over the bus. Without `required_acl`, so that no client is ever shown it.
enum InstanceMessage: Sendable, Hashable {
    /// An instance that does not know what was announced asks the leader, or everybody.
    case stateWanted(by: String, ofAll: Bool)
    /// The answer.
    case state(for: String, Chronicle)
    /// Heard by its sender when everything that was announced before has been heard.
    case mark(of: String, UInt64)

    private static let prefix = "applicationd_"

    private struct Body: Codable {
        var name: String
        var instance: String
        var all: Bool?
        var mark: UInt64?
        var state: Chronicle?
    }

    /// Reads a message; nil for the events of applications.
    init?(_ event: ServiceEvent) {
        guard let name = event.name, name.hasPrefix(Self.prefix),
            let body = JSONText.decode(Body.self, from: event.body)
        else { return nil }
        switch (name.dropFirst(Self.prefix.count), body.state, body.mark) {
        case ("state_wanted", _, _): self = .stateWanted(by: body.instance, ofAll: body.all ?? false)
        case ("state", let state?, _): self = .state(for: body.instance, state)
        case ("mark", _, let mark?): self = .mark(of: body.instance, mark)
        default: return nil
        }
    }

    /// The message as the bus carries it.
    var event: ServiceEvent {
        let body =
            switch self {
            case .stateWanted(let instance, let all): Body(name: "state_wanted", instance: instance, all: all)
            case .state(let instance, let state): Body(name: "state", instance: instance, state: state)
            case .mark(let instance, let mark): Body(name: "mark", instance: instance, mark: mark)
            }
        return ServiceEvent(
            routingKey: "applicationd.instances.\(body.name)",
            headers: ["name": .text(Self.prefix + body.name)],
            body: JSONText.encode(body)
        )
    }
}
