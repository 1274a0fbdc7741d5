/// Why a session ends, as the close frame says it. The codes from 4000 on are wazo-websocketd's.
package struct CloseReason: Error, Sendable, Hashable {
    /// RFC 6455 section 7.4.
    package var code: UInt16
    package var text: String

    package init(_ code: UInt16, _ text: String) {
        self.code = code
        self.text = text
    }

    package static let noToken = CloseReason(4001, "no token")
    package static let authenticationFailed = CloseReason(4002, "authentication failed")
    package static let authenticationExpired = CloseReason(4003, "authentication expired")
    /// A frame that is no command, or a version that does not exist.
    package static let protocolError = CloseReason(4004, "")
    package static let busLost = CloseReason(1011, "bus connection lost")
    package static let noBus = CloseReason(1011, "bus connection error")
    /// What the client could not help.
    package static let internalError = CloseReason(1011, "")
    /// The client has not answered a ping.
    package static let silent = CloseReason(1011, "keepalive ping timeout")
    package static let notText = CloseReason(1007, "not UTF-8")
    package static let tooLarge = CloseReason(1009, "message too large")
    package static let stopping = CloseReason(1001, "going away")
    /// The client reads more slowly than events come.
    package static let tooSlow = CloseReason(1013, "reads too slowly")
}
