/// One ARI bridge whose channels may sit on several nodes: what the fleet agrees on (``Record``), and what a gateway knows of
/// its parts.
package struct FleetBridge: Sendable, Hashable, Identifiable {
    /// The part that is recorded in the registry.
    package struct Record: Codable, Sendable, Hashable {
        package var id: String
        package var name: String
        /// The comma-separated words a client gave, such as `mixing` or `mixing,dtmf_events`.
        package var type: String
        /// ISO 8601 with milliseconds and zone, as ARI writes it.
        package var creationtime: String
        /// The node whose mixer the bridge uses; nil until its first channel comes.
        package var home: String?
        /// Set while the bridge is being destroyed: a conductor that finds it carries on, and the record goes when no part is left.
        package var ending: Bool?
        /// What speaks to all in a holding bridge, in the order in which it came; nil when nothing does.
        package var speakers: [Speaker]?

        package init(id: String, name: String, type: String, creationtime: String, home: String? = nil) {
            self.id = id
            self.name = name
            self.type = type
            self.creationtime = creationtime
            self.home = home
        }
    }

    /// The query parameters of `addChannel` that say how a channel is in a bridge.
    package static let optionNames = ["role", "absorbDTMF", "mute"]

    package var record: Record
    /// Nodes on which a local bridge of this id exists.
    package var parts: Set<String>
    /// The links between parts.
    package var legs: [Leg]
    /// Channels that were asked to join and have not been seen to enter yet: channel id -> node.
    package var joining: [String: String]
    /// Channel -> how this gateway put it in: `role`, `absorbDTMF`, `mute`, as the client wrote them; empty where plainly.
    package var options: [String: [String: String]] = [:]
    /// What clients have put at its home.
    package internal(set) var belongings: Set<Belonging> = []
    /// Playbacks that clients asked for, until their end is heard of; of a holding bridge only.
    package var playing: Set<String> = []
    /// The node of the channel that was last made the source of video. A part goes on showing a source that was taken from it.
    package var videoNode: String?
    /// Whether the record is gone while events of the parts may still come.
    package var isForgotten = false
    /// Whether enough time has passed since the record went.
    var mayPurge = false

    /// Whether it is being destroyed: gone for clients, remembered until the last node has said so.
    package var isEnding: Bool {
        get { isForgotten || record.ending == true }
        set { record.ending = newValue ? true : nil }
    }

    package var id: String { record.id }

    package init(record: Record, parts: Set<String> = [], legs: [Leg] = [], joining: [String: String] = [:]) {
        self.record = record
        self.parts = parts
        self.legs = legs
        self.joining = joining
    }

    /// Whether channels in it hear one another; a holding bridge mixes nothing, so it needs no legs while nothing speaks in it.
    package var isMixing: Bool { !record.type.split(separator: ",").contains("holding") }

    /// What mixes it, in Asterisk's words, as long as no node does.
    package var technology: String { isMixing ? "softmix" : "holding_bridge" }

    /// The type for the local bridge of a node: native bridging would take the audio past the mixer that legs need.
    package var partType: String {
        !isMixing || record.type.contains("proxy_media") ? record.type : record.type + ",proxy_media"
    }
}
