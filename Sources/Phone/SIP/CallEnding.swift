/// How a call, or the attempt, ended.
struct CallEnding: Sendable, Hashable {
    var status: Int
    var reason: String
    /// nil when it was never answered.
    var hungUpBy: CallReport.Party?

    /// Nothing came back at all.
    static let timeout = CallEnding(status: 408, reason: "No answer from the edge")

    init(status: Int, reason: String, hungUpBy: CallReport.Party? = nil) {
        self.status = status
        self.reason = reason
        self.hungUpBy = hungUpBy
    }

    /// The call was refused with this response.
    init(_ refusal: SIPMessage) { self.init(status: refusal.status ?? 500, reason: refusal.reason) }
}

extension SIPMessage {
    var isSuccess: Bool { status.map { (200..<300).contains($0) } ?? false }
}
