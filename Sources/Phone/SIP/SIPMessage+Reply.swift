extension SIPMessage {
    /// A response to this request (RFC 3261 section 8.2.6).
    func reply(_ status: Int, _ reason: String, identity: CallIdentity, body: String = "") -> SIPMessage {
        var response = SIPMessage(.response(status: status, reason: reason), body: body)
        let kept: Set<String> = ["via", "from", "to", "call-id", "cseq", "record-route"]
        response.fields = fields.filter { kept.contains($0.name.lowercased()) }
        if let to = response["To"], SIPFields.parameter("tag", of: to) == nil {
            response["To"] = "\(to);tag=\(identity.localTag)"
        }
        response["Contact"] = identity.contact
        response["Allow"] = CallIdentity.allowed
        if !body.isEmpty { response["Content-Type"] = "application/sdp" }
        return response
    }
}
