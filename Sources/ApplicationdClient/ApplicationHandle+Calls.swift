import NIOHTTP1

/// Calls.
extension ApplicationHandle {
    /// Every call of the application, on whichever node.
    public func calls() async throws(ApplicationdError) -> [ApplicationCall] {
        try await client.request(Items<ApplicationCall>.self, .GET, path("calls")).items
    }

    /// Places a call; it becomes the application's when it is answered.
    /// - Parameter node: which the call joins then.
    public func call(_ wish: NewCall, joining node: String? = nil) async throws(ApplicationdError) -> ApplicationCall {
        let target = node.map { path("nodes", $0, "calls") } ?? path("calls")
        return try await client.request(ApplicationCall.self, .POST, target, body: wish)
    }

    /// Calls a subscriber, who joins a node.
    public func call(
        subscriber name: String,
        joining node: String,
        options: CallOptions = CallOptions()
    ) async throws(ApplicationdError) -> ApplicationCall {
        try await client.request(
            ApplicationCall.self,
            .POST,
            path("nodes", node, "calls", "user"),
            body: NewUserCall(user_uuid: name, options: options)
        )
    }

    /// Answers a call.
    public func answer(_ call: String) async throws(ApplicationdError) { try await put(call, "answer") }

    /// Hangs a call up.
    public func hangUp(_ call: String) async throws(ApplicationdError) {
        try await client.request(.DELETE, path("calls", call))
    }

    /// The party is not heard; `isDeafToo`: nor does it hear anything.
    public func mute(_ call: String, isDeafToo: Bool = false) async throws(ApplicationdError) {
        try await client.request(isDeafToo ? .POST : .PUT, path("calls", call, "mute", "start"))
    }

    /// Ends what ``mute(_:isDeafToo:)`` began.
    public func unmute(_ call: String) async throws(ApplicationdError) { try await put(call, "mute", "stop") }

    /// Puts a call on hold.
    public func hold(_ call: String) async throws(ApplicationdError) { try await put(call, "hold", "start") }

    /// Takes a call off hold.
    public func unhold(_ call: String) async throws(ApplicationdError) { try await put(call, "hold", "stop") }

    /// Plays music on hold.
    public func startMusicOnHold(
        _ call: String,
        musicClass: String = "default"
    ) async throws(ApplicationdError) { try await put(call, "moh", musicClass, "start") }

    /// Ends music on hold.
    public func stopMusicOnHold(_ call: String) async throws(ApplicationdError) { try await put(call, "moh", "stop") }

    /// Tells the caller that it rings.
    public func startProgress(_ call: String) async throws(ApplicationdError) {
        try await put(call, "progress", "start")
    }

    /// Ends what ``startProgress(_:)`` began.
    public func stopProgress(_ call: String) async throws(ApplicationdError) { try await put(call, "progress", "stop") }

    /// Sends digits to the party: `0` to `9`, `*` and `#`.
    public func send(digits: String, to call: String) async throws(ApplicationdError) {
        try await client.request(.PUT, path("calls", call, "dtmf"), query: [("digits", digits)])
    }

    /// The value of a channel variable.
    public func variable(_ name: String, of call: String) async throws(ApplicationdError) -> String {
        struct Variable: Decodable { var value: String }
        return try await client.request(Variable.self, .GET, path("calls", call, "variables", name)).value
    }

    /// Sets a channel variable.
    public func set(_ name: String, to value: String, of call: String) async throws(ApplicationdError) {
        try await client.request(.PUT, path("calls", call, "variables", name), body: ["value": value])
    }

    private func put(_ call: String, _ words: String...) async throws(ApplicationdError) {
        try await client.request(.PUT, path("calls", call) + words)
    }
}
