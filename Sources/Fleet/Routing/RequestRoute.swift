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
        /// Everything else on one bridge: play, record, music on hold, variables; done where it is mixed.
        case atHome(id: String, playback: String?)
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
        case _ where request.node != nil: self = .node(request.node ?? "")
        case "channels": self = Self.channel(request)
        case "applications" where request.method == "GET" && path.count == 1: self = .merged(.applications)
        case "applications" where request.method == "GET" && path.count == 2: self = .merged(.application(path[1]))
        case "playbacks" where path.count > 1: self = .playback(path[1])
        case "recordings" where path.count > 2 && path[1] == "live": self = .recording(path[2])
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
        case (4, let id?) where path[2] == "play": return .playOnChannel(channel: id, playback: path[3])
        case (_, let id?): return .channel(id)
        default: return .any
        }
    }

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
        case (_, "play"): return .bridge(.atHome(id: id, playback: path.count > 3 ? path[3] : nil))
        default: return .bridge(.atHome(id: id, playback: nil))
        }
    }
}
