import ARI
import EventBus
import Fleet
import Foundation
import Logging
import NIOCore
import ServiceLifecycle
import Telemetry

/// Takes events off the bus: keeps the directory up to date, wakes the bridges, and passes on to clients what they may see.
struct EventIntake: Service {
    /// Events kept when this falls behind; beyond it the loss is seen by the sequence and the node is listed anew.
    static let backlog = 100_000
    /// How long a phone may be asked to call again, at most; moves give up before.
    private static let referralPatience = Duration.seconds(20)
    /// `asterism.node.#` is what the fleet needs and the settings of a node keep from others.
    private static let topics = ["stasis.app.#", "stasis.channel.#", "stasis.node.#", "asterism.node.#"]

    let bus: any EventBus
    let directory: FleetDirectory
    let hub: EventHub
    let bridges: BridgeConductor
    let mover: CallMover
    let resync: NodeResync
    let readiness: GatewayReadiness
    let metrics: GatewayMetrics
    let logger: Logger
    private let farewells = HeldFarewells()

    func run() async throws {
        let events = try await bus.subscribe(Self.topics, limit: Self.backlog)
        readiness.note(.bus)
        // Not of the sequence itself: that would cost more for each event than what is done with it.
        await cancelWhenGracefulShutdown { await take(events) }
    }

    private func take(_ events: AsyncStream<BusEvent>) async {
        for await item in events {
            if isPassing(item), !hub.hasFollowers {
                metrics.events.count(item.name)
                if note(item) { await resync.afterGap(node: item.node) }
                continue
            }
            guard let event = try? Event(reading: item.body) else {
                logger.warning("event not understood", metadata: ["node": "\(item.node)", "topic": "\(item.topic)"])
                _ = note(item)
                continue
            }
            await take(item, event)
        }
    }

    /// Whether an event changes nothing here and is for nobody but operators: the agent's copy of what merely happens.
    private func isPassing(_ item: BusEvent) -> Bool {
        PassingEvents.types.contains(item.name) && !item.topic.hasPrefix("stasis.app.")
            && !item.topic.hasPrefix("asterism.")
    }

    /// - Returns: whether events are missing before this one.
    private func note(_ item: BusEvent) -> Bool {
        directory.change { $0.advance(node: item.node, incarnation: item.incarnation, to: item.sequence) }
    }

    private func take(_ item: BusEvent, _ event: Event) async {
        metrics.events.count(event.type)
        let taken = directory.change { state in
            let isGap = state.advance(node: item.node, incarnation: item.incarnation, to: item.sequence)
            // Looked up before the event is applied: afterwards an ended channel or bridge is no longer known.
            let affected = event.affectedBridge(in: state)
            guard state.apply(event, node: item.node, incarnation: item.incarnation) else {
                return (
                    isCurrent: false, isGap: false, verdict: EventVerdict.hidden, affected: String?.none,
                    timing: EventTiming.now
                )
            }
            let verdict = state.isNews(event, from: item.node) ? state.verdict(on: event, from: item.node) : .hidden
            return (true, isGap, verdict, affected, state.timing(of: event))
        }
        guard taken.isCurrent else { return }
        if taken.isGap { await resync.afterGap(node: item.node) }
        if event.application == NodeMirror.observer {
            await conduct(event, node: item.node, affected: taken.affected)
        } else if let application = event.application {
            let channel = event.channel?.id ?? ""
            switch taken.timing {
            case .now: deliver(item, event, taken.verdict, to: application)
            case .afterOthers:
                farewells.release(channel, from: application)
                deliver(item, event, taken.verdict, to: application)
            case .never: farewells.forget(channel, from: application)
            case .whenMoved, .unlessItComesBack:
                let isDoubtful = taken.timing == .unlessItComesBack
                farewells.hold(channel, from: application, isDoubtful: isDoubtful) { [self] in
                    deliver(item, event, taken.verdict, to: application)
                }
            }
        }
        noteMove(event)
        if hub.hasFollowers, event.isForFollowers, taken.verdict != .hidden {
            hub.deliverToFollowers(Self.followed(item))
        }
    }

    /// Tells what was held back of a channel whose call has moved, or does not.
    private func noteMove(_ event: Event) {
        guard let channel = event.channel else { return }
        if ["StasisStart", "ChannelDestroyed"].contains(event.type), let former = CallMove.replaced(by: channel) {
            farewells.settle(former)
        }
        guard let asking = event.asking else { return }
        guard !asking.isEmpty else { return farewells.release(channel.id) }
        Task {
            // Whoever asks says when it is over, unless it is lost meanwhile.
            try? await Task.sleep(for: Self.referralPatience)
            directory.change { $0.withdraw(channel.id, asking) }
        }
    }

    private func deliver(_ item: BusEvent, _ event: Event, _ verdict: EventVerdict, to application: String) {
        switch verdict {
        case .hidden: break
        case .unchanged: hub.deliver(item.body, type: event.type, to: application, about: event)
        case .value(let value):
            hub.deliver(
                EventText.replacing("value", by: .string(value), in: item.body),
                type: event.type,
                to: application,
                about: event
            )
        case .replacing(let channel):
            let text = EventText.replacing("replace_channel", by: EventText.json(channel), in: item.body)
            hub.deliver(text, type: event.type, to: application)
        case .bridge(let bridge):
            // Workers on other nodes are found by the channels that the fleet's bridge shows.
            hub.deliver(EventText.replacing(bridge: bridge, in: item.body), type: event.type, to: application)
        }
    }

    private func conduct(_ event: Event, node: String, affected: String?) async {
        if event.type == "StasisStart", let channel = event.channel, let leg = LegID(channel: channel) {
            await bridges.legEntered(leg, channel: channel.id, isFar: event.args?.first == LegID.argument)
            return
        }
        if event.type == "StasisStart", let channel = event.channel, event.args?.first == Referral.argument {
            Task { await mover.arrived(channel, with: event.args?.dropFirst().first, on: node) }
            return
        }
        if event.type == "ChannelLeftBridge", let leg = event.channel.flatMap(LegID.init(channel:)) {
            await bridges.legLeft(leg, event.bridge?.id)
        }
        if let affected { await bridges.reconcileSoon(affected) }
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
            // A leg may enter as announcer and be put out because there is one: tried again at once, it would be put out without end.
            let flow = channel.flatMap { LegID(channel: $0) }?.flow ?? .both
            return flow == .both ? id : nil
        case "PlaybackFinished":
            guard let id = playback?.bridge, state.bridges[id]?.isMixing == false else { return nil }
            return id
        case "ChannelDestroyed":
            guard let channel else { return nil }
            return state.bridges.naming(channel.id).first
        default: return nil
        }
    }

    /// Each thing that happens once: the observer's copies, and entry to and exit from Stasis, which it gets no copy of.
    fileprivate var isForFollowers: Bool {
        application == NodeMirror.observer || type == "StasisStart" || type == "StasisEnd" || type == "ChannelUserevent"
    }
}
