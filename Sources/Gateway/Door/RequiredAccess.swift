import Access
import Fleet

/// What a token must grant for a request to the gateway. A pure rule over the request line.
enum RequiredAccess {
    /// - Returns: all of them are required: an event socket for several applications needs each one's `ari.events.<application>`,
    ///   every other request what ``RequestAccess`` makes of its path and method.
    static func of(method: String, target: String) -> [String] {
        if let ari = ARIRequest(method: method, target: target, prefix: RequestDispatcher.prefix),
            RequestRoute(ari) == .events, let applications = ari.query["app"]
        {
            let names = applications.split(separator: ",").map { $0.replacing(".", with: "_") }
            if !names.isEmpty { return names.map { "ari.events.\($0)" } }
        }
        return [RequestAccess.required(method: method, path: target.prefix { $0 != "?" })]
    }
}
