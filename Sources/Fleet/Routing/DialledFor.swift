import ARI

/// What a channel takes over from the one that it is dialled for. One Asterisk copies it from channel to channel; here it is set.
package struct DialledFor: Sendable, Hashable {
    /// What is not told of a channel and has to be asked.
    package static let asked = [musicClass, peerAccount]
    private static let redirecting = ["from-num", "from-name", "to-num", "to-name", "reason", "count"]
    private static let musicClass = "CHANNEL(musicclass)"
    private static let peerAccount = "CHANNEL(peeraccount)"

    private let caller: Channel
    private let answers: [String: String]

    /// - Parameter answers: the caller's values of ``asked``.
    package init(_ caller: Channel, answers: [String: String] = [:]) {
        self.caller = caller
        self.answers = answers
    }

    /// The variables that are inherited: those whose names begin with an underscore; with two they are passed on again.
    /// - Parameter names: those of the caller's variables.
    /// - Returns: what to ask of the caller -> what to set.
    package static func inherited(_ names: some Sequence<String>) -> [String: String] {
        let pairs = names.filter { $0.hasPrefix("_") }.map { name in
            let plain = OwnVariables.plain(name)
            return (plain, name.hasPrefix("__") ? name : plain)
        }
        // Set both ways, the one that is passed on further counts.
        return Dictionary(pairs) { $0.count < $1.count ? $1 : $0 }
    }

    /// What has to be asked of the caller.
    package static func asked(of caller: Channel) -> [String] {
        asked + ((caller.callerRdnis ?? "").isEmpty ? [] : redirecting.map { "REDIRECTING(\($0))" })
    }

    /// What to set on the channel before it is dialled: functions and their values. `i` keeps Asterisk from telling a phone that has not
    /// been called yet.
    /// - Parameter answers: the channel's own values of ``asked``.
    package func settings(over answers: [String: String] = [:]) -> [String: String] {
        var settings: [String: String] = [
            "CHANNEL(language)": caller.language ?? "", Self.peerAccount: caller.accountcode ?? "",
            "CHANNEL(accountcode)": self.answers[Self.peerAccount] ?? "",
        ]
        for field in Self.redirecting {
            settings["REDIRECTING(\(field),i)"] = self.answers["REDIRECTING(\(field))"] ?? ""
        }
        if answers[Self.musicClass, default: ""].isEmpty {
            settings[Self.musicClass] = self.answers[Self.musicClass] ?? ""
        }
        let (name, number) = (caller.caller.name, caller.caller.number)
        if name.isEmpty {
            settings["CONNECTEDLINE(num,i)"] = number
        } else if number.isEmpty {
            settings["CONNECTEDLINE(name,i)"] = name
        } else {
            settings["CONNECTEDLINE(all,i)"] = "\"\(name)\" <\(number)>"
        }
        // Of nothing, nothing is copied.
        return settings.filter { !$0.value.isEmpty }
    }
}
