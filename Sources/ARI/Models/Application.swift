/// A Stasis application and what it is subscribed to (model `Application` of `rest-api/applications.json`).
public struct Application: Codable, Sendable, Hashable {
    /// Unique on its server.
    public var name: String
    /// The channels that are in it, that it made, or that it subscribed to.
    public var channelIDs: [String]
    /// The bridges that its channels are in, or that it subscribed to.
    public var bridgeIDs: [String]

    enum CodingKeys: String, CodingKey {
        case name
        case channelIDs = "channel_ids"
        case bridgeIDs = "bridge_ids"
    }

    /// A value from its parts.
    public init(name: String, channelIDs: [String] = [], bridgeIDs: [String] = []) {
        self.name = name
        self.channelIDs = channelIDs
        self.bridgeIDs = bridgeIDs
    }
}
