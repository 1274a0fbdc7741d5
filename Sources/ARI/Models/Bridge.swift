/// Channels that hear one another (model `Bridge` of `rest-api/bridges.json`).
public struct Bridge: Codable, Sendable, Hashable, Identifiable {
    /// Unique in the fleet; chosen by the client or by Asterisk.
    public var id: String
    /// How Asterisk mixes it now: `simple_bridge`, `softmix`, `native_rtp`, `holding_bridge`.
    public var technology: String
    /// `mixing` or `holding`.
    public var bridgeType: String
    /// `stasis` for bridges made through ARI.
    public var bridgeClass: String
    /// Who made it: `Stasis`.
    public var creator: String
    /// What the client called it; may be empty.
    public var name: String
    /// The ids of the channels in it.
    public var channels: [String]
    /// `none`, `talker`, `sfu` or `single`.
    public var videoMode: String?
    /// The channel whose video everybody sees, if there is one.
    public var videoSourceID: String?
    /// When it was made, ISO 8601 with milliseconds and zone.
    public var creationtime: String
    /// Variables set with `report_events`.
    public var bridgevars: [String: String]?

    enum CodingKeys: String, CodingKey {
        case id, technology, creator, name, channels, creationtime, bridgevars
        case bridgeType = "bridge_type"
        case bridgeClass = "bridge_class"
        case videoMode = "video_mode"
        case videoSourceID = "video_source_id"
    }

    /// A bridge from its parts.
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
