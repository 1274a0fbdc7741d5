/// A channel that a request makes for an application, as far as it decides which worker of a group gets it.
package struct NewCall: Sendable, Hashable {
    /// The application that the channel enters.
    package var application: String
    /// The channel's id, if the client chose one.
    package var channel: String?
    /// The channel that it belongs to: who has that one gets it too.
    package var related: String?
    /// The parameter that chooses the id.
    package var idParameter: String

    /// - Returns: nil for a request that makes no channel for an application.
    package init?(_ request: ARIRequest) {
        let path = request.path
        guard request.method == "POST", path.first == "channels", let application = request.query["app"] else {
            return nil
        }
        if path.count > 2 {
            guard path[2] == "snoop" else { return nil }
            self.init(
                application: application,
                channel: path.count > 3 ? path[3] : request.query["snoopId"],
                related: path[1],
                idParameter: "snoopId"
            )
        } else {
            let isNamedByPath = path.count == 2 && !["create", "externalMedia"].contains(path[1])
            self.init(
                application: application,
                channel: isNamedByPath ? path[1] : request.query["channelId"],
                related: request.query["originator"] ?? request.query["otherChannelId"],
                idParameter: "channelId"
            )
        }
    }

    package init(application: String, channel: String?, related: String?, idParameter: String) {
        self.application = application
        self.channel = channel
        self.related = related
        self.idParameter = idParameter
    }
}
