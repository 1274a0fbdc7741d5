import ARI
import Fleet
import Foundation

/// The SIP dialog of a channel with a phone, as far as another call can replace it (RFC 3891).
struct SIPDialog: Sendable {
    /// The subscriber at the other end.
    let user: String
    private let callID: String
    private let phoneTag: String
    private let nodeTag: String

    /// Asks the node for it.
    /// - Throws: ``MoveRefusal/nodeFailed(_:)``.
    init(of channel: String, on node: ARIClient) async throws(MoveRefusal) {
        do throws(ARIError) {
            func read(_ item: String) async throws(ARIError) -> String {
                try await node.channels.getChannelVar(channel, variable: "CHANNEL(pjsip,\(item))").value
            }
            callID = try await read("call-id")
            phoneTag = try await read("remote_tag")
            nodeTag = try await read("local_tag")
            let uri = try await read("remote_uri")
            guard let user = Self.user(of: uri) else {
                throw .unexpectedAnswer("\(uri) names no subscriber", request: channel)
            }
            self.user = user
        } catch {
            throw .nodeFailed("\(error)")
        }
    }

    /// What makes an INVITE to the phone replace this dialog. `Require` makes a phone refuse that does not know `Replaces`: it would ring.
    var replacingHeaders: [String: JSONValue] {
        // The phone's own tag is the one that it would see in `To`.
        let replaces = "\(callID);to-tag=\(phoneTag);from-tag=\(nodeTag)"
        return ["PJSIP_HEADER(add,Replaces)": .string(replaces), "PJSIP_HEADER(add,Require)": "replaces"]
    }

    /// The user of `sip:demo@host`, with or without brackets and parameters.
    static func user(of uri: String) -> String? {
        guard let scheme = uri.range(of: "sip:"), let end = uri[scheme.upperBound...].firstIndex(of: "@") else {
            return nil
        }
        let user = String(uri[scheme.upperBound..<end])
        return Names.isSubscriber(user) ? user : nil
    }
}
