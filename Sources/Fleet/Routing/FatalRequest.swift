/// Requests over which Asterisk 22.10 ends itself, and every call on that node with it: they go no further than the gateway.
/// Found by making requests up from its own description (schemathesis).
package enum FatalRequest {
    /// What to answer instead, with status 400; nil for a request that Asterisk survives.
    package static func fault(in request: ARIRequest) -> String? {
        guard request.method == "POST" else { return nil }
        switch request.path.last {
        case "record" where request.query["format"]?.isEmpty ?? true:
            return "Missing parameter format: the name of a file format, such as wav"
        // In its own words for an empty name.
        case "variable" where request.query["variable"] == nil: return "Variable name is required"
        case "move" where request.query["app"]?.isEmpty ?? true: return "Missing parameter app"
        default: return nil
        }
    }
}
