/// Where an ARI request goes. A pure rule over the request alone; what is where is looked up afterwards.
package enum RequestRoute: Sendable, Hashable {
    /// To the node that the client named.
    case node(String)
    /// To the node that holds the channel, the playback, the recording.
    case channel(String)
    case playback(String)
    case recording(String)
    /// Makes a channel with an id the client may have chosen: next to `anchor`, else on the least loaded node.
    case originate(id: String?, anchor: String?)
    /// Dials a channel for another, which may be on another node.
    case dial(channel: String, caller: String)
    /// Has the node that holds the channel do something to it that lasts, which is noted.
    case treat(channel: String, notes: [ChannelTreatment: String])
    /// Starts a playback with an id the client chose, on a channel.
    case playOnChannel(channel: String, playback: String)
    /// Answered from all nodes together.
    case merged(MergedList)
    /// An operation on fleet bridges, done by the gateway.
    case bridge(BridgeOperation)
    /// A WebSocket is wanted.
    case events
    /// Registers (or unregisters) an application for readers of the bus (`res_ari_amqp`).
    case busApplication(String, isWanted: Bool)
    /// A description of ARI that the gateway adds to.
    case apiDocument(String)
    /// The nodes' answers to the same question, as one.
    case union(MergedResource)
    /// Done on every node.
    case everywhere(EverywhereRequest)
    /// To the node on whose disk the recording is.
    case storedRecording(String)
    /// Records a channel. `unique`: the name, where no recording of the fleet may have it.
    case recordOnChannel(channel: String, unique: String?)
    /// Makes a copy under a name that is unique in the fleet.
    case copyRecording(String, to: String)
    /// Subscribes an application to sources of events wherever they are, or ends that.
    case subscription(application: String, sources: [String], isWanted: Bool)
    /// Says which types of events an application hears.
    case eventFilter(application: String)
    /// An event that a client makes up, about things wherever they are.
    case userEvent(sources: [String])
    /// Describes the fleet as if it were one Asterisk.
    case info
    /// Answered by any node.
    case any

    /// Lists that are the union of the nodes' lists.
    package enum MergedList: Sendable, Hashable {
        case channels, bridges, applications
        case application(String)
    }

    /// What can be done with fleet bridges.
    package enum BridgeOperation: Sendable, Hashable {
        case create(id: String?)
        case show(id: String)
        case destroy(id: String)
        case addChannel(id: String)
        case removeChannel(id: String)
        /// Makes a channel, or none, the source of video; done where the channel is.
        case videoSource(id: String, channel: String?)
        /// Everything else on one bridge: play, record, music on hold, variables; done where it is mixed.
        /// `unique`: the name of a recording, where no recording of the fleet may have it.
        case atHome(id: String, playback: String?, unique: String? = nil)
    }

    /// The route of a request.
    package init(_ request: ARIRequest) {
        let path = request.path
        switch path.first {
        case "events" where path.count == 1: self = .events
        // One id, one bridge: naming a node does not take a bridge out of the fleet.
        case "bridges": self = Self.bridge(request)
        case "amqp" where path.count == 2 && ["POST", "DELETE"].contains(request.method):
            self = .busApplication(path[1], isWanted: request.method == "POST")
        case "api-docs" where path.count == 2 && request.method == "GET" && APIDocument.isOurs(path[1]):
            self = .apiDocument(path[1])
        case _ where request.node.map({ $0 != FleetIdentity.id && !$0.isEmpty }) == true:
            self = .node(request.node ?? "")
        case "channels": self = Self.channel(request)
        case "applications": self = Self.application(request)
        case "playbacks" where path.count > 1: self = .playback(path[1])
        case "recordings": self = Self.recording(request)
        case "events" where path.count == 3 && path[1] == "user":
            self = .userEvent(sources: Self.list(request.query["source"]))
        case "events" where path == ["events", "claim"]: self = .channel(request.query["channelId"] ?? "")
        case "endpoints" where request.method == "GET": self = .union(.endpoints)
        case "sounds" where request.method == "GET": self = .union(.sounds)
        case "deviceStates" where request.method == "GET": self = .union(.deviceStates)
        case "mailboxes" where request.method == "GET": self = .union(.mailboxes)
        case "asterisk" where request.method == "GET": self = Self.question(path)
        case "asterisk", "deviceStates", "mailboxes":
            self = EverywhereRequest(request).map { .everywhere($0) } ?? .any
        default: self = .any
        }
    }

    private static func channel(_ request: ARIRequest) -> RequestRoute {
        let path = request.path
        let anchor = request.query["originator"] ?? request.query["otherChannelId"]
        switch (path.count, path.dropFirst().first) {
        case (1, _):
            return request.method == "POST"
                ? .originate(id: request.query["channelId"], anchor: anchor) : .merged(.channels)
        case (2, "create"?), (2, "externalMedia"?):
            return .originate(id: request.query["channelId"], anchor: anchor)
        case (2, let id?): return request.method == "POST" ? .originate(id: id, anchor: anchor) : .channel(id)
        case (3, let id?) where path[2] == "record" && request.method == "POST":
            return .recordOnChannel(channel: id, unique: request.uniqueRecording)
        case (3, let id?) where path[2] == "dial" && request.method == "POST":
            guard let caller = request.query["caller"], !caller.isEmpty else { return .channel(id) }
            return .dial(channel: id, caller: caller)
        case (4, let id?) where path[2] == "play": return .playOnChannel(channel: id, playback: path[3])
        case (_, let id?):
            return ChannelTreatment.notes(on: request).map { .treat(channel: id, notes: $0) } ?? .channel(id)
        default: return .any
        }
    }

    private static func application(_ request: ARIRequest) -> RequestRoute {
        let path = request.path
        switch (request.method, path.count, path.last) {
        case ("GET", 1, _): return .merged(.applications)
        case ("GET", 2, _): return .merged(.application(path[1]))
        case ("POST", 3, "subscription"), ("DELETE", 3, "subscription"):
            return .subscription(
                application: path[1],
                sources: list(request.query["eventSource"]),
                isWanted: request.method == "POST"
            )
        case ("PUT", 3, "eventFilter"): return .eventFilter(application: path[1])
        default: return .any
        }
    }

    private static func recording(_ request: ARIRequest) -> RequestRoute {
        let path = request.path
        switch (path.dropFirst().first, path.count, request.method) {
        case ("live", 3..., _): return .recording(path[2])
        case ("stored", 2, "GET"): return .union(.storedRecordings)
        case ("stored", 3, "DELETE"): return .everywhere(EverywhereRequest(suffices: true))
        case ("stored", 4, "POST") where path[3] == "copy":
            return .copyRecording(path[2], to: request.query["destinationRecordingName"] ?? "")
        case ("stored", 3..., _): return .storedRecording(path[2])
        default: return .any
        }
    }

    /// A question about Asterisk itself.
    private static func question(_ path: [String]) -> RequestRoute {
        switch (path.count, path.last) {
        case (2, "info"): .info
        case (2, "modules"),
            (3, _) where path[1] == "modules":
            .union(.modules)
        case (2, "logging"): .union(.logChannels)
        default: .any
        }
    }

    private static func list(_ text: String?) -> [String] { (text ?? "").split(separator: ",").map(String.init) }

    private static func bridge(_ request: ARIRequest) -> RequestRoute {
        let path = request.path
        guard path.count > 1 else {
            return request.method == "POST" ? .bridge(.create(id: request.query["bridgeId"])) : .merged(.bridges)
        }
        let id = path[1]
        switch (request.method, path.count > 2 ? path[2] : nil) {
        case ("POST", nil): return .bridge(.create(id: id))
        case ("DELETE", nil): return .bridge(.destroy(id: id))
        case (_, nil): return .bridge(.show(id: id))
        case ("POST", "addChannel"): return .bridge(.addChannel(id: id))
        case ("POST", "removeChannel"): return .bridge(.removeChannel(id: id))
        case ("POST", "videoSource") where path.count == 4:
            return .bridge(.videoSource(id: id, channel: path[3]))
        case ("DELETE", "videoSource") where path.count == 3: return .bridge(.videoSource(id: id, channel: nil))
        case (_, "play"): return .bridge(.atHome(id: id, playback: path.count > 3 ? path[3] : nil))
        case ("POST", "record"): return .bridge(.atHome(id: id, playback: nil, unique: request.uniqueRecording))
        default: return .bridge(.atHome(id: id, playback: nil))
        }
    }
}

extension ARIRequest {
    /// The name of the recording that is asked for, unless an existing one may be overwritten or added to.
    fileprivate var uniqueRecording: String? {
        ["overwrite", "append"].contains(query["ifExists"]) ? nil : query["name"]
    }
}
