import ARI

/// The channels and bridges of one node, kept up to date by its events: what routes are looked up in, what lists are made
/// of, and what the farewells are written from when the node is lost.
///
/// Lifecycle is taken from the copies addressed to the agent's own application, which are in one order; from the copies to
/// client applications only entry to and exit from Stasis, which nobody else is told.
package struct NodeMirror: Sendable {
    /// The agent's application on every node; it observes everything, and legs arrive in it.
    package static let observer = "asterism"
    /// How many ended channels are remembered, so that a late event of one does not bring it back.
    private static let rememberedEnds = 512

    package let incarnation: String
    package private(set) var channels: [String: MirroredChannel] = [:]
    /// Those of ``channels`` that are ends of legs.
    package private(set) var legs: Set<String> = []
    /// How many of ``channels`` are calls from or to the outside: neither legs nor Local and internal ones.
    package private(set) var calls = 0
    package private(set) var bridges: [String: Bridge] = [:]
    package private(set) var playbacks: [String: Playback] = [:]
    package private(set) var recordings: [String: LiveRecording] = [:]
    /// Channel -> the variables that were set on it, but for those that tell of the channel only.
    package private(set) var variables: [String: Set<String>] = [:]
    /// Applications that Asterisk said are registered.
    package private(set) var applications: Set<String> = []
    /// The sequence number of the last event.
    package private(set) var sequence: UInt64 = 0
    /// Whether it holds what the node listed, not only what events told since this gateway began.
    package private(set) var isListed = false
    /// Whether events were missed since it was listed.
    private var isDoubted = false
    /// Bridge -> the sequence number of the last event about it, also when that was its end: a list that was asked for before says less.
    private var bridgesTouched: [String: UInt64] = [:]
    private var ended: Set<String> = []
    /// Those of ``ended`` that a list showed to be gone: their goodbye was said, and a late event of them says nothing new.
    private var mourned: Set<String> = []
    /// Channel -> the application that was told of its entry because a list showed it there: its `StasisStart`, should it come late, says
    /// nothing new.
    private var welcomed: [String: String] = [:]
    private var endedInOrder: [String] = []

    /// - Parameter mourned: channels that applications have been told to be gone, when the same run was thought to be lost.
    package init(incarnation: String, mourned: Set<String> = []) {
        self.incarnation = incarnation
        self.mourned = mourned
    }

    /// Channels that applications have been told to be gone, or will be when this is lost.
    var farewells: Set<String> { mourned.union(channels.keys) }

    /// Notes a sequence number.
    /// - Returns: whether events are missing between it and the one before. What came before the first is listed anyway.
    package mutating func advance(to sequence: UInt64) -> Bool {
        defer { self.sequence = max(sequence, self.sequence) }
        return self.sequence > 0 && sequence > self.sequence + 1
    }

    /// Takes in what the node listed, and forgets what it did not list.
    /// - Parameter since: ``sequence`` when the list was asked for; what events told later is newer than the list and stays.
    /// - Returns: what the list shows to have happened.
    package mutating func replace(
        channels listed: [Channel],
        bridges listedBridges: [Bridge],
        since: UInt64
    ) -> MissedChanges {
        var missed = MissedChanges()
        // A first list shows what others were told before this gateway was there.
        let hasMissedEvents = isDoubted
        isListed = true
        isDoubted = false
        let ids = Set(listed.map(\.id))
        for (id, known) in channels where !ids.contains(id) && known.touched <= since {
            missed.gone.append(known)
            end(id)
            mourned.insert(id)
        }
        for channel in listed where !ended.contains(channel.id) && (channels[channel.id]?.touched ?? 0) <= since {
            let former = channels[channel.id]?.application
            upsert(channel)
            channels[channel.id]?.bridge = listedBridges.first { $0.channels.contains(channel.id) }?.id
            guard let application = Self.application(of: channel) else { continue }
            channels[channel.id]?.application = application
            if hasMissedEvents, former == nil, let entered = channels[channel.id] {
                missed.entered.append(entered)
                welcomed[channel.id] = application
            }
        }
        let newer = Set(bridgesTouched.filter { $0.value > since }.keys)
        for bridge in listedBridges where !newer.contains(bridge.id) {
            bridges[bridge.id] = bridge
            for id in bridge.channels { channels[id]?.bridge = bridge.id }
        }
        let bridgeIDs = Set(listedBridges.map(\.id))
        for id in bridges.keys where !bridgeIDs.contains(id) && !newer.contains(id) { bridges[id] = nil }
        return missed
    }

    /// Takes in the applications that the node listed.
    package mutating func register(applications listed: some Sequence<String>) { applications.formUnion(listed) }

    /// Whether a channel has ended, of those that ended last.
    func hasEnded(_ channel: String?) -> Bool { channel.map(ended.contains) ?? false }

    /// Whether applications have been told already that a channel is gone.
    package func isMourned(_ channel: String) -> Bool { mourned.contains(channel) }

    /// Whether an application has been told already that a channel has entered it.
    package func isWelcomed(_ channel: String, in application: String?) -> Bool {
        application != nil && welcomed[channel] == application
    }

    /// Events were missed, and what the node holds is not known until it is listed.
    package mutating func doubt() {
        isListed = false
        isDoubted = true
    }

    /// Takes over a channel as another mirror knew it.
    package mutating func adopt(_ known: MirroredChannel) { put(known, known.channel.id) }

    /// Takes one event in.
    package mutating func apply(_ event: Event) {
        switch event.type {
        case "StasisStart":
            guard let channel = event.channel, !ended.contains(channel.id) else { return }
            upsert(channel)
            channels[channel.id]?.application = event.application
        case "StasisEnd":
            guard let id = event.channel?.id, channels[id]?.application == event.application else { return }
            channels[id]?.application = nil
            welcomed[id] = nil
        case "ApplicationRegistered", "ApplicationReplaced":
            if let application = event.application { applications.insert(application) }
        case "ApplicationUnregistered":
            if let application = event.application { applications.remove(application) }
        default:
            if event.application == Self.observer { applyLifecycle(event) }
            // Whose copy comes depends on the settings of the node.
            if event.type == "ChannelVarset" { noteVariable(event) }
        }
    }

    private mutating func applyLifecycle(_ event: Event) {
        if let channel = event.channel {
            if event.type == "ChannelDestroyed" {
                end(channel.id)
            } else if !ended.contains(channel.id) {
                upsert(channel)
            }
        }
        if let bridge = event.bridge {
            bridges[bridge.id] = event.type == "BridgeDestroyed" ? nil : bridge
            bridgesTouched[bridge.id] = sequence
            forgetBridges()
        }
        switch event.type {
        case "ChannelEnteredBridge": if let id = event.channel?.id { channels[id]?.bridge = event.bridge?.id }
        case "ChannelLeftBridge": if let id = event.channel?.id { channels[id]?.bridge = nil }
        case "PlaybackStarted", "PlaybackContinuing":
            if let playback = event.playback { playbacks[playback.id] = playback }
        case "PlaybackFinished": if let id = event.playback?.id { playbacks[id] = nil }
        case "RecordingStarted": if let recording = event.recording { recordings[recording.name] = recording }
        case "RecordingFinished", "RecordingFailed": if let name = event.recording?.name { recordings[name] = nil }
        default: break
        }
    }

    private mutating func noteVariable(_ event: Event) {
        guard let id = event.channel?.id, channels[id] != nil, let name = event.variable,
            !OwnVariables.contain(name), variables[id]?.count ?? 0 < OwnVariables.most
        else { return }
        variables[id, default: []].insert(name)
    }

    private mutating func upsert(_ channel: Channel) {
        guard var known = channels[channel.id] else {
            return put(MirroredChannel(channel, touched: sequence), channel.id)
        }
        known.update(channel, touched: sequence)
        put(known, channel.id)
    }

    /// The one place where channels come and go.
    private mutating func put(_ known: MirroredChannel?, _ id: String) {
        let former = known.map { channels.updateValue($0, forKey: id) } ?? channels.removeValue(forKey: id)
        if former?.isCall == true { calls -= 1 }
        if known?.isCall == true { calls += 1 }
        if former?.leg != nil || known?.leg != nil {
            if known?.leg == nil { legs.remove(id) } else { legs.insert(id) }
        }
    }

    private mutating func end(_ id: String) {
        put(nil, id)
        welcomed[id] = nil
        variables[id] = nil
        guard ended.insert(id).inserted else { return }
        endedInOrder.append(id)
        if endedInOrder.count > Self.rememberedEnds { forget(endedInOrder.removeFirst()) }
    }

    private mutating func forgetBridges() {
        guard bridgesTouched.count > bridges.count + Self.rememberedEnds else { return }
        let oldest = sequence - min(sequence, UInt64(Self.rememberedEnds))
        bridgesTouched = bridgesTouched.filter { bridges[$0.key] != nil || $0.value > oldest }
    }

    /// The node says that it has no such bridge.
    package mutating func forget(bridge id: String) { bridges[id] = nil }

    private mutating func forget(_ id: String) {
        ended.remove(id)
        mourned.remove(id)
    }

    /// The application a listed channel is in: the dialplan shows it as the argument of `Stasis`.
    private static func application(of channel: Channel) -> String? {
        guard channel.dialplan.appName == "Stasis", let data = channel.dialplan.appData else { return nil }
        return data.split(separator: ",").first.map(String.init)
    }
}
