import Fleet

/// The fleet's reports as tables.
extension TextTable {
    package init(nodes: [NodeReport]) {
        self.init("NODE", "STATE", "CALLS", "LEGS", "NICKNAME", "SIP", "ARI", "ID")
        for node in nodes {
            add(
                node.name,
                node.state.rawValue,
                String(node.calls),
                String(node.legs),
                node.nickname,
                node.sip,
                node.ari,
                node.id
            )
        }
    }

    package init(calls: [ChannelReport]) {
        self.init("CHANNEL", "NODE", "STATE", "CALLER", "DIALLED", "APPLICATION", "BRIDGE")
        for call in calls {
            add(
                call.id,
                call.node,
                call.state,
                call.caller,
                call.dialled,
                call.application ?? "-",
                call.bridge ?? "-"
            )
        }
    }

    package init(bridges: [BridgeReport]) {
        self.init("BRIDGE", "NAME", "HOME", "NODES", "CHANNELS", "LEGS")
        for bridge in bridges {
            add(
                bridge.id,
                bridge.name,
                bridge.home ?? "-",
                bridge.nodes.joined(separator: ","),
                String(bridge.channels.count),
                String(bridge.legs.count)
            )
        }
    }

    package init(routes: [RouteReport]) {
        self.init("NUMBER", "APPLICATION")
        for route in routes { add(route.number, route.application) }
    }

    package init(subscribers: [SubscriberReport]) {
        self.init("SUBSCRIBER", "REALM")
        for subscriber in subscribers { add(subscriber.name, subscriber.realm) }
    }
}
