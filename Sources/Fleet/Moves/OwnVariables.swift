/// The variables of channels that Asterisk, or the fleet itself, sets: a call that moves leaves them behind, because they tell of the former
/// channel. All others are an application's or the dialplan's, and go along.
package enum OwnVariables {
    /// How many names of one channel are remembered.
    static let most = 64
    /// How they begin. Asterisk's are those of bridges, `Dial`, `Stasis`, RTP, transfers and the results of applications.
    private static let prefixes = [
        "ASTERISM_", "ANSWEREDTIME", "BLINDTRANSFER", "BRIDGE", "DIALED", "DIALSTATUS", "GOSUB", "MACRO_",
        "PLAYBACKSTATUS", "RECORD", "RTPAUDIOQOS", "RTPTEXTQOS", "RTPVIDEOQOS", "SIPREFER", "SIPTRANSFER",
        "STASISSTATUS", "TRANSFERSTATUS", "~",
    ]

    /// Whether a variable tells of its channel only.
    package static func contain(_ name: String) -> Bool {
        let name = plain(name)
        return name.isEmpty || prefixes.contains { name.hasPrefix($0) }
    }

    /// The name by which a variable is read: without the one or two underscores that have channels inherit it when it is set.
    package static func plain(_ name: some StringProtocol) -> String {
        let underscores = name.prefix(2).prefix { $0 == "_" }.count
        return String(name.dropFirst(underscores))
    }
}
