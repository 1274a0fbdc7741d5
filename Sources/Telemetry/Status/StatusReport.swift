/// What a daemon says about itself at `/status`.
package struct StatusReport: Codable, Sendable, Hashable {
    /// Such as `gateway` or `node`.
    package var role: String
    /// Which one of its role.
    package var name: String
    package var version: String
    /// Whether the process works; if not, it is best started again.
    package var healthy: Bool
    /// Whether it can serve now.
    package var ready: Bool
    /// Why it is not healthy or not ready, one sentence each, sorted.
    package var reasons: [String]

    package init(role: String, name: String, version: String, healthy: Bool, ready: Bool, reasons: [String]) {
        self.role = role
        self.name = name
        self.version = version
        self.healthy = healthy
        self.ready = ready
        self.reasons = reasons
    }
}
