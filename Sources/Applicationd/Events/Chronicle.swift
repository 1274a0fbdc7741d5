import ARI
import Registry

/// What has been announced of every application: a value without I/O.
///
/// The instance that leads asks it what an event of ARI, or a new list, means to clients; the others keep theirs up to date with
/// what the leader announced, so that whoever leads next announces what is missing and nothing twice.
struct Chronicle: Sendable, Hashable, Codable {
    /// What an event means.
    enum Directive: Sendable, Hashable {
        case announce(Announcement)
        /// A call that was placed for a node has answered.
        case join(call: String, node: String, application: String)
        /// The last call of a node has left it.
        case endNode(String)
        /// A call that takes part in a snoop is gone, or the channel that listens: then the snoop ends unless it has another by now.
        case endSnoop(String, application: String, channel: String? = nil)
    }

    /// Of one application.
    struct Chapter: Sendable, Hashable, Codable {
        var calls: [String: Call] = [:]
        var nodes: [String: CallNode] = [:]
        /// What is being played, and to which call.
        var playbacks: [String: String] = [:]
        var snoops: [String: SnoopRecord] = [:]
        /// Calls of which the event of the first generation has been announced.
        var greeted: Set<String> = []
        /// When each node was made, as the registry last recorded it.
        var recordedNodes: [String: String] = [:]
        /// Nodes that ended while the registry records them yet, and when they were made: neither a late event nor a snapshot from
        /// before brings one back, another of the same name is told by its time.
        var endedNodes: [String: String] = [:]

        /// A call with its part in snoops.
        func shown(_ call: Call) -> Call {
            var call = call
            call.snoops = [:]
            for snoop in snoops.values.map(\.snoop) {
                if snoop.snoopedCallID == call.id {
                    call.snoops[snoop.uuid] = Call.SnoopRole(uuid: snoop.uuid, role: "snooped")
                } else if snoop.snoopingCallID == call.id {
                    call.snoops[snoop.uuid] = Call.SnoopRole(uuid: snoop.uuid, role: "snooper")
                }
            }
            return call
        }
    }

    private(set) var chapters: [String: Chapter] = [:]
    /// The applications that are registered; those that are not are forgotten.
    var applications: [String: ApplicationRecord] = [:] {
        didSet { chapters = chapters.filter { applications[$0.key] != nil || oldValue[$0.key] == nil } }
    }

    subscript(application: String) -> Chapter {
        get { chapters[application] ?? Chapter() }
        _modify { yield &chapters[application, default: Chapter()] }
    }

    /// What is known of a call beyond its channel.
    func call(_ id: String, of application: String) -> Call? { chapters[application]?.calls[id] }
}
