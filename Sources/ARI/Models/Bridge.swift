/// Channels that hear one another (model `Bridge` of `rest-api/bridges.json`).
public struct Bridge: Codable, Sendable, Hashable, Identifiable {
    public var id: String
    /// How Asterisk mixes it now: `simple_bridge`, `softmix`, `native_rtp`, `holding_bridge`.
    public var technology: String
    /// `mixing` or `holding`.
    public var bridgeType: String
    public var bridgeClass: String
    public var creator: String
    public var name: String
    /// The ids of the channels in it.
    public var channels: [String]
    public var videoMode: String?
    public var videoSourceID: String?
    public var creationtime: String
    public var bridgevars: [String: String]?

    enum CodingKeys: String, CodingKey {
        case id, technology, creator, name, channels, creationtime, bridgevars
        case bridgeType = "bridge_type"
        case bridgeClass = "bridge_class"
        case videoMode = "video_mode"
        case videoSourceID = "video_source_id"
    }

    public init(
        id: String,
        technology: String,
        bridgeType: String,
        bridgeClass: String,
        creator: String,
        name: String,
        channels: [String],
        videoMode: String? = nil,
        videoSourceID: String? = nil,
        creationtime: String,
        bridgevars: [String: String]? = nil
    ) {
        self.id = id
        self.technology = technology
        self.bridgeType = bridgeType
        self.bridgeClass = bridgeClass
        self.creator = creator
        self.name = name
        self.channels = channels
        self.videoMode = videoMode
        self.videoSourceID = videoSourceID
        self.creationtime = creationtime
        self.bridgevars = bridgevars
    }
}
