import ARI
import Fleet
import Foundation
import Registry

/// Short ways to write down a fleet.
extension Channel {
    static func made(
        _ id: String,
        name: String = "PJSIP/edge-00000001",
        state: String = "Up",
        context: String = "default",
        exten: String = "8001",
        application: String? = nil
    ) -> Channel {
        Channel(
            id: id,
            protocolID: "call-id",
            name: name,
            state: state,
            caller: CallerID(name: "", number: "demo"),
            connected: CallerID(name: "", number: ""),
            dialplan: DialplanPosition(
                context: context,
                exten: exten,
                priority: 1,
                appName: application == nil ? nil : "Stasis",
                appData: application
            ),
            creationtime: "2026-01-01T00:00:00.000+0000"
        )
    }
}

extension Bridge {
    static func made(_ id: String, _ channels: [String], technology: String = "softmix", name: String = "") -> Bridge {
        Bridge(
            id: id,
            technology: technology,
            bridgeType: "mixing",
            bridgeClass: "stasis",
            creator: "Stasis",
            name: name,
            channels: channels,
            creationtime: "2026-01-01T00:00:00.000+0000"
        )
    }
}

extension Event {
    static func made(
        _ type: String,
        to application: String = NodeMirror.observer,
        channel: Channel? = nil,
        bridge: Bridge? = nil
    ) -> Event {
        Event(type: type, application: application, channel: channel, bridge: bridge)
    }
}

extension Playback {
    static func made(_ id: String, _ target: String) -> Playback? {
        let text = #"{"id": "\#(id)", "media_uri": "sound:beep", "target_uri": "\#(target)", "state": "playing"}"#
        return try? JSONDecoder().decode(Playback.self, from: Data(text.utf8))
    }
}

extension NodeRecord {
    static func made(
        _ name: String,
        health: Health = .passing,
        draining: Bool = false,
        weight: Int = 1,
        incarnation: String = "1"
    ) -> NodeRecord {
        NodeRecord(
            name: name,
            id: "02:00:00:00:00:" + name.suffix(2),
            nickname: name,
            sip: HostPort(host: "127.0.0.1", port: 5071),
            ari: HostPort(host: "127.0.0.1", port: 8101),
            ariCredentials: Credentials(user: "u", password: "p"),
            incarnation: incarnation,
            health: health,
            isDraining: draining,
            weight: weight
        )
    }
}

extension FleetState {
    /// A fleet whose nodes answer and hold these channels.
    static func made(_ channels: [String: [Channel]]) -> FleetState {
        var state = FleetState()
        _ = state.update(nodes: channels.keys.sorted().map { .made($0) })
        for (node, held) in channels {
            for channel in held {
                _ = state.apply(.made("ChannelCreated", channel: channel), node: node, incarnation: "1")
            }
        }
        return state
    }

    mutating func enter(_ channel: Channel, _ bridge: Bridge, node: String) {
        _ = apply(.made("ChannelEnteredBridge", channel: channel, bridge: bridge), node: node, incarnation: "1")
    }
}
