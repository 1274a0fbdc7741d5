import ARI
import Fleet

/// What nodes do when a call moves: phones refuse `Replaces`, and follow REFER or do not.
extension SimulatedFleet {
    func answerMove(
        _ node: String,
        _ method: String,
        _ path: [String],
        _ query: [String: String],
        _ nodes: inout [String: Node]
    ) -> (Int, JSONValue)? {
        let id = path.count > 1 ? path[1] : ""
        switch (method, path.first, path.count > 2 ? path[2] : nil) {
        case ("GET", "channels", "variable"):
            let name = query["variable"] ?? ""
            if name.hasPrefix("CHANNEL(pjsip") {
                return (200, ["value": name == "CHANNEL(pjsip,remote_uri)" ? "<sip:demo@127.0.0.1>" : "x"])
            }
            guard let value = nodes[node]?.variables[id]?[name] else { return (404, ["message": "not found"]) }
            return (200, ["value": .string(value)])
        case (_, "channels", let treatment?) where ["mute", "hold", "moh", "silence"].contains(treatment):
            let how = query["direction"] ?? query["mohClass"]
            nodes[node]?.treated[id, default: []].append("\(method) \(treatment)" + (how.map { " \($0)" } ?? ""))
            return (204, .null)
        case ("POST", "channels", nil) where path.count > 1 && id != "create":
            create(id, on: node, &nodes)
            let channel = nodes[node]?.channels[id] ?? .null
            return (200, hangUp(id, on: node, &nodes).0 == 204 ? channel : .null)
        case ("POST", "channels", "variable"):
            return set(query["variable"] ?? "", query["value"] ?? "", query["report_events"], of: id, on: node, &nodes)
        case ("POST", "channels", "redirect"):
            let number =
                query["endpoint"]?.split(separator: ":").last?.split(separator: "@").first.map(String.init) ?? ""
            nodes[node]?.referrals.append(number)
            if followsReferrals { callAgain(number, &nodes) }
            return (204, .null)
        case ("POST", "channels", "continue"):
            let stasis = nodes[node]?.variables[id]?[CallMove.stasisVariable] ?? ""
            nodes[node]?.channels[id]?["dialplan"] = [
                "context": .string(query["context"] ?? ""), "exten": .string(query["extension"] ?? ""), "priority": 1,
                "app_name": "Stasis", "app_data": .string(stasis),
            ]
            let channel = nodes[node]?.channels[id] ?? .null
            say("StasisEnd", to: "asterism", ["channel": channel], node, &nodes)
            let application = stasis.split(separator: ",").first.map(String.init) ?? ""
            say("StasisStart", to: application, ["channel": channel], node, &nodes)
            return (204, .null)
        case ("POST", "bridges", "removeChannel"):
            leave(query["channel"] ?? "", id, node, &nodes)
            return (204, .null)
        default: return nil
        }
    }

    /// A phone calls what it was told, or anybody what he likes: the edge reads the node from the number.
    func callAgain(_ number: String, _ nodes: inout [String: Node]) {
        let node = String(number.dropFirst(38))
        let id = "\(node)-\(nodes[node]?.sequence ?? 0)"
        create(id, on: node, exten: number, &nodes)
        nodes[node]?.channels[id]?["name"] = .string("PJSIP/edge-\(id)")
        let channel = nodes[node]?.channels[id] ?? .null
        let args: JSONValue = [.string(Referral.argument), .string(String(number.dropFirst(5).prefix(32)))]
        say("StasisStart", to: "asterism", ["channel": channel, "args": args], node, &nodes)
    }

    private func set(
        _ variable: String,
        _ value: String,
        _ isReported: String?,
        of id: String,
        on node: String,
        _ nodes: inout [String: Node]
    ) -> (Int, JSONValue) {
        guard nodes[node]?.channels[id] != nil else { return (404, ["message": "Channel not found"]) }
        nodes[node]?.variables[id, default: [:]][variable] = value
        if isReported == "true" { nodes[node]?.channels[id]?["channelvars"] = [variable: .string(value)] }
        say(
            "ChannelVarset",
            to: "asterism",
            ["channel": nodes[node]?.channels[id] ?? .null, "variable": .string(variable), "value": .string(value)],
            node,
            &nodes
        )
        return (204, .null)
    }
}
