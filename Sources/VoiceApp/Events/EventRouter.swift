import ARI

/// Decides which call an event is for: a value without I/O, so that awkward orders of events are tested as a table.
///
/// A *leg* is a channel that a call has dialled; its events go to that call.
struct EventRouter: Sendable {
    /// What is to be done about an event.
    enum Directive: Sendable, Hashable {
        /// A new call.
        case begin(Channel, arguments: [String])
        case notify(call: String, Notice)
        /// The call's channel has gone, or left the application.
        case end(call: String)
        /// Turn this channel away: there are too many calls, or no more are taken.
        case refuse(channel: String)
        /// A leg whose call has gone.
        case dropLeg(channel: String)
    }

    /// First argument of the Stasis application for a leg, so that it is known as one even after this process has restarted.
    static let legArgument = "dialled"

    private struct Leg: Sendable {
        let call: String
        /// Whether Asterisk is known to have it: only then does its absence from a list mean anything.
        var exists = false
    }

    private let application: String
    private let limit: Int
    private(set) var calls: Set<String> = []
    private var legs: [String: Leg] = [:]
    /// Whether new calls are taken.
    var isOpen = true

    /// - Parameter limit: calls at one time.
    init(application: String, limit: Int) {
        self.application = application
        self.limit = limit
    }

    /// Expects events of a leg, which is about to be dialled.
    mutating func adopt(leg: String, by call: String) { legs[leg] = Leg(call: call) }

    /// Asterisk has made the leg.
    mutating func confirm(leg: String) { legs[leg]?.exists = true }

    /// The call has no more interest in the leg.
    mutating func release(leg: String) { legs[leg] = nil }

    mutating func receive(_ event: Event) -> Directive? {
        if let addressee = event.application, addressee != application { return nil }
        switch event.type {
        case "StasisStart": return event.channel.flatMap { start($0, arguments: event.args ?? []) }
        case "StasisEnd", "ChannelDestroyed": return event.channel.flatMap { end($0.id, cause: event.cause) }
        case "ChannelStateChange": return event.channel.flatMap { stateChange($0) }
        case "ChannelHangupRequest":
            guard let id = event.channel?.id, calls.contains(id) else { return nil }
            return .notify(call: id, .leaving)
        case "Dial":
            // The cause of a busy leg may be 0: a Local channel does not pass it on.
            guard let id = event.peer?.id, event.dialstatus == "BUSY", let leg = legs[id] else { return nil }
            return .notify(call: leg.call, .legBusy(id: id))
        case "ChannelDtmfReceived":
            guard let id = event.channel?.id, calls.contains(id), let digit = event.digit?.first else { return nil }
            return .notify(call: id, .digit(digit))
        case "ChannelLeftBridge":
            guard let id = event.channel?.id, calls.contains(id), let bridge = event.bridge?.id else { return nil }
            return .notify(call: id, .leftBridge(id: bridge))
        case "PlaybackFinished":
            guard let playback = event.playback else { return nil }
            return notify(playback.targetURI, .playbackFinished(id: playback.id, failed: playback.state == "failed"))
        case "RecordingFinished":
            guard let recording = event.recording else { return nil }
            let seconds = recording.duration ?? 0
            return notify(recording.targetURI, .recordingFinished(name: recording.name, seconds: seconds))
        case "RecordingFailed":
            guard let recording = event.recording else { return nil }
            return notify(
                recording.targetURI,
                .recordingFailed(name: recording.name, cause: recording.cause ?? "unknown")
            )
        default: return nil
        }
    }

    /// Compares with the channels that exist, after the feed was interrupted: calls and legs that ended meanwhile end now, calls
    /// that came meanwhile begin.
    mutating func resynchronise(_ channels: [Channel]) -> [Directive] {
        let existing = Set(channels.map(\.id))
        let lostLegs = legs.filter { $0.value.exists && !existing.contains($0.key) }.keys
        let lost = lostLegs.sorted() + calls.subtracting(existing).sorted()
        // Ends come first: they make room for what begins.
        let endings = lost.compactMap { end($0, cause: nil) }
        let waiting = channels.compactMap { channel in
            arguments(ofWaiting: channel).flatMap { start(channel, arguments: $0) }
        }
        return endings + waiting
    }

    /// The arguments with which a channel sits in this application; nil when it does not.
    private func arguments(ofWaiting channel: Channel) -> [String]? {
        guard channel.dialplan.appName == "Stasis", !calls.contains(channel.id), legs[channel.id] == nil else {
            return nil
        }
        let words = (channel.dialplan.appData ?? "").split(separator: ",", omittingEmptySubsequences: false)
        return words.first.map(String.init) == application ? words.dropFirst().map(String.init) : nil
    }

    private mutating func start(_ channel: Channel, arguments: [String]) -> Directive? {
        if let leg = legs[channel.id] {
            legs[channel.id]?.exists = true
            return .notify(call: leg.call, .legAnswered(id: channel.id))
        }
        if calls.contains(channel.id) { return nil }
        if arguments.first == Self.legArgument { return .dropLeg(channel: channel.id) }
        guard isOpen, calls.count < limit else { return .refuse(channel: channel.id) }
        calls.insert(channel.id)
        return .begin(channel, arguments: arguments)
    }

    private mutating func end(_ channel: String, cause: Int?) -> Directive? {
        if calls.remove(channel) != nil { return .end(call: channel) }
        guard let leg = legs.removeValue(forKey: channel) else { return nil }
        return .notify(call: leg.call, .legEnded(id: channel, cause: cause))
    }

    private func stateChange(_ channel: Channel) -> Directive? {
        guard channel.state == "Ringing", let leg = legs[channel.id] else { return nil }
        return .notify(call: leg.call, .legRinging(id: channel.id))
    }

    private func notify(_ target: String, _ notice: Notice) -> Directive? {
        guard target.hasPrefix("channel:") else { return nil }
        let call = String(target.dropFirst("channel:".count))
        return calls.contains(call) ? .notify(call: call, notice) : nil
    }
}
