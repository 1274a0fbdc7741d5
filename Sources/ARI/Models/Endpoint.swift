/// Where calls can go to and come from (model `Endpoint`).
public struct Endpoint: Codable, Sendable, Hashable {
    /// Such as `PJSIP`.
    public var technology: String
    /// Its name within the technology.
    public var resource: String
}

/// The state of a device as Asterisk's core knows it (model `DeviceState`).
public struct DeviceState: Codable, Sendable, Hashable {
    /// Such as `PJSIP/alice` or `Stasis:door`.
    public var name: String
    /// Such as `NOT_INUSE`, `INUSE`, `RINGING`, `UNKNOWN`.
    public var state: String
}
