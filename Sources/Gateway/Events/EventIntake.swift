import ARI
import EventBus
import Fleet
import Foundation
import Logging
import NIOCore
import NIOFoundationCompat
import ServiceLifecycle
import Telemetry

/// Takes events off the bus: keeps the directory up to date, wakes the bridges, and passes on to clients what they may see.
struct EventIntake: Service {
    /// Events kept when this falls behind; beyond it the loss is seen by the sequence and the node is listed anew.
    static let backlog = 100_000
    /// `asterism.node.#` is what the fleet needs and the settings of a node keep from others.
    private static let topics = ["stasis.app.#", "stasis.channel.#", "stasis.node.#", "asterism.node.#"]

    let bus: any EventBus
    let directory: FleetDirectory
    let hub: EventHub
    let bridges: BridgeConductor
    let resync: NodeResync
    let readiness: GatewayReadiness
    let metrics: GatewayMetrics
    let logger: Logger

    func run() async throws {
        let events = try await bus.subscribe(Self.topics, limit: Self.backlog)
        readiness.note(.bus)
        let decoder = JSONDecoder()
        for await item in events.cancelOnGracefulShutdown() {
            guard let event = try? decoder.decode(Event.self, from: item.body) else {
                logger.warning("event not understood", metadata: ["node": "\(item.node)", "topic": "\(item.topic)"])
                _ = directory.change { $0.advance(node: item.node, incarnation: item.incarnation, to: item.sequence) }
                continue
            }
            await take(item, event)
        }
    }

    private func take(_ item: BusEvent, _ event: Event) async {
        metrics.events.count(event.type)
        let taken = directory.change { state in
            let isGap = state.advance(node: item.node, incarnation: item.incarnation, to: item.sequence)
            // Looked up before the event is applied: afterwards an ended channel or bridge is no longer known.
            let affected = event.affectedBridge(in: state)
            guard state.apply(event, node: item.node, incarnation: item.incarnation) else {
                return (isCurrent: false, isGap: false, verdict: EventVerdict.hidden, affected: String?.none)
            }
            let verdict = state.isNews(event, from: item.node) ? state.verdict(on: event, from: item.node) : .hidden
            return (true, isGap, verdict, affected)
        }
        guard taken.isCurrent else { return }
        if taken.isGap { await resync.afterGap(node: item.node) }
        if event.application == NodeMirror.observer {
            await conduct(event, node: item.node, affected: taken.affected)
        } else if let application = event.application {
            switch taken.verdict {
            case .hidden: break
            case .unchanged: hub.deliver(item.body, type: event.type, to: application)
            case .value(let value):
                hub.deliver(
                    EventText.replacing("value", by: .string(value), in: item.body),
                    type: event.type,
                    to: application
                )
            case .bridge(let bridge):
                hub.deliver(EventText.replacing(bridge: bridge, in: item.body), type: event.type, to: application)
            }
        }
        if hub.hasFollowers, event.isForFollowers, taken.verdict != .hidden {
            hub.deliverToFollowers(Self.followed(item))
        }
    }

    private func conduct(_ event: Event, node: String, affected: String?) async {
        if event.type == "StasisStart", let channel = event.channel, let leg = LegID(channel: channel) {
            await bridges.legEntered(leg, channel: channel.id, isFar: event.args?.first == LegID.argument)
        } else if let affected {
            await bridges.reconcileSoon(affected)
        }
    }

    /// `{"node":...,"sequence":...,"event":{...}}` around the bytes as they came.
    private static func followed(_ item: BusEvent) -> ByteBuffer {
        var text = ByteBuffer(string: "{\"node\":\"\(item.node)\",\"sequence\":\(item.sequence),\"event\":")
        text.writeImmutableBuffer(item.body)
        text.writeString("}")
        return text
    }
}

extension Event {
    /// The fleet bridge whose star may have to change after this event.
    fileprivate func affectedBridge(in state: FleetState) -> String? {
        guard application == NodeMirror.observer else { return nil }
        switch type {
        case "ChannelLeftBridge", "ChannelEnteredBridge", "BridgeDestroyed":
            guard let id = bridge?.id, state.bridges[id] != nil else { return nil }
            return id
        case "ChannelDestroyed":
            guard let channel else { return nil }
            return state.bridges.values.first { bridge in
                bridge.legs.contains { $0.nearChannel == channel.id || $0.farChannel == channel.id }
                    || bridge.joining[channel.id] != nil
            }?.id
        default: return nil
        }
    }

    /// Each thing that happens once: the observer's copies, and entry to and exit from Stasis, which it gets no copy of.
    fileprivate var isForFollowers: Bool {
        application == NodeMirror.observer || type == "StasisStart" || type == "StasisEnd" || type == "ChannelUserevent"
    }
}
