import ARI

/// One event in one line, for people.
package enum EventLine {
    /// - Parameter everything: also the events that only say how something happened.
    /// - Returns: nil for an event that is not worth a line.
    package static func text(_ event: Event, node: String, everything: Bool = false) -> String? {
        guard let what = Self.what(event) ?? (everything ? event.type : nil) else { return nil }
        let time = event.timestamp.map { String($0.dropFirst(11).prefix(8)) } ?? "--:--:--"
        let who = event.channel.map { " \($0.id)" } ?? ""
        return "\(time) \(node)\(who) \(what)"
    }

    private static func what(_ event: Event) -> String? {
        switch event.type {
        case "StasisStart":
            let channel = event.channel
            let caller = channel?.caller.number ?? ""
            return
                "\(caller.isEmpty ? "someone" : caller) called \(channel?.dialplan.exten ?? "?"), now in \(event.application ?? "?")"
        case "StasisEnd": return "left \(event.application ?? "?")"
        case "ChannelEnteredBridge": return "entered bridge \(event.bridge?.id ?? "?")"
        case "ChannelLeftBridge": return "left bridge \(event.bridge?.id ?? "?")"
        case "ChannelStateChange": return event.channel?.state == "Up" ? "answered" : nil
        case "ChannelDestroyed": return "ended: \(event.causeText ?? "no reason given")"
        case "ChannelDtmfReceived": return "pressed \(event.digit ?? "?")"
        default: return nil
        }
    }
}
