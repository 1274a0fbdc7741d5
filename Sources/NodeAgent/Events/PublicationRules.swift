import Fleet

/// Under which topic an event is published, if it is. A value without I/O.
///
/// An ARI event comes once for each client application that is told of it, and once for the agent's own application, which is told
/// of everything. The settings say what the public topics carry. Gateways listen to ``fleetTopic`` as well and see no difference.
package struct PublicationRules: Sendable, Hashable {
    /// The variables by which gateways tell legs, and calls that move, from other channels.
    private static let marks = [LegID.variable, CallMove.variable, Referral.variable]

    let node: String
    let settings: PublishingSettings

    /// - Parameter node: whose events they are.
    package init(node: String, settings: PublishingSettings = PublishingSettings()) {
        self.node = node
        self.settings = settings
    }

    /// The topic of what the fleet needs and the settings keep from everybody else.
    var fleetTopic: String { "asterism.node.\(node)" }

    /// The topic of an ARI event, or nil if it is not for the bus.
    func topic(of event: EventHeader, observer: String = NodeConfiguration.observer) -> String? {
        // Answers to REST over WebSocket belong to who asked.
        if event.type == "RESTResponse" { return nil }
        if let application = event.application, application != observer {
            // A gateway's clients get every event that Asterisk has for them.
            return isPublic(event) ? "stasis.app.\(application)" : fleetTopic
        }
        let other = isNeeded(event) ? fleetTopic : nil
        // What enters and leaves the agent's own application are legs.
        if event.type == "StasisStart" || event.type == "StasisEnd" {
            return isPublic(event) ? "stasis.app.\(observer)" : other
        }
        guard let channel = event.channelID else {
            return isPublic(event) ? "stasis.node.\(node)" : other
        }
        return settings.publishChannelEvents && isPublic(event) ? "stasis.channel.\(channel)" : other
    }

    /// The topic of an event of the manager interface, or nil if it is not for the bus.
    func topic(ofManagerEvent name: String) -> String? {
        settings.publishAMIEvents && !settings.excludeEvents.contains(name) ? "stasis.ami.\(name)" : nil
    }

    private func isPublic(_ event: EventHeader) -> Bool {
        if settings.excludeEvents.contains(event.type) { return false }
        guard event.type == "ChannelVarset", !settings.includeChannelvarsetEvents.isEmpty else { return true }
        return event.variable.map(settings.includeChannelvarsetEvents.contains) ?? false
    }

    /// Whether gateways need the agent's copy of an event: all that changes what a node's lists show, and nothing else.
    private func isNeeded(_ event: EventHeader) -> Bool {
        guard event.type == "ChannelVarset" else { return !PassingEvents.types.contains(event.type) }
        return event.variable.map(Self.marks.contains) ?? false
    }
}
