/// A request that every node has to carry out, for its effect is one that on one Asterisk would be everywhere.
package struct EverywhereRequest: Sendable, Hashable {
    /// What becomes of the fleet's memory of such requests: nodes that join later carry them out too.
    package enum Memory: Sendable, Hashable {
        /// Nothing: what happened belongs to the moment.
        case none
        /// Remembered under this name, in place of what was there.
        case remember(String)
        /// What was remembered under this name is over.
        case forget(String)
    }

    package var memory: Memory
    /// Whether it has succeeded when one node did it, such as the end of a file that is on one disk.
    package var suffices: Bool

    package init(memory: Memory = .none, suffices: Bool = false) {
        self.memory = memory
        self.suffices = suffices
    }

    /// - Returns: nil for a request that changes nothing everywhere.
    package init?(_ request: ARIRequest) {
        let path = request.path
        let name = path.dropFirst().joined(separator: "/")
        switch (path.first, path.count, request.method) {
        case ("deviceStates", 2, "PUT"), ("mailboxes", 2, "PUT"):
            self.init(memory: .remember(path.joined(separator: "/")))
        case ("deviceStates", 2, "DELETE"), ("mailboxes", 2, "DELETE"):
            self.init(memory: .forget(path.joined(separator: "/")))
        case ("asterisk", 2, "POST") where path[1] == "variable":
            self.init(memory: .remember("variable/\(request.query["variable"] ?? "")"))
        case ("asterisk", 3, "POST") where path[1] == "logging": self.init(memory: .remember(name))
        case ("asterisk", 3, "DELETE") where path[1] == "logging": self.init(memory: .forget(name))
        case ("asterisk", 4, "PUT") where path[1] == "logging": self.init()
        case ("asterisk", 6, "PUT") where path[1] == "config": self.init(memory: .remember(name))
        case ("asterisk", 6, "DELETE") where path[1] == "config": self.init(memory: .forget(name))
        case ("asterisk", 3, "POST"), ("asterisk", 3, "PUT"), ("asterisk", 3, "DELETE"):
            guard path[1] == "modules" else { return nil }
            self.init()
        default: return nil
        }
    }
}
