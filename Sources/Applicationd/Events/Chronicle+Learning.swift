import ARI
import EventBus

/// What another instance has announced.
extension Chronicle {
    /// Takes in an announced event, so that it is not announced again.
    mutating func learn(_ event: ServiceEvent) {
        guard let name = event.name, name.hasPrefix("application_") || name == "user_outgoing_call_created",
            let body = JSONText.decode(JSONValue.self, from: event.body), let data = body["data"],
            let application = data["application_uuid"]?.string
        else { return }
        if name == "user_outgoing_call_created" {
            if let id = data["call"]?["id"]?.string { self[application].greeted.insert(id) }
        } else if let call = JSONText.model(Call.self, from: data["call"]) {
            learn(call, isDeleted: name == "application_call_deleted", application)
        } else if let node = JSONText.model(CallNode.self, from: data["node"]) {
            learn(node, isDeleted: name == "application_node_deleted", application)
        } else if let playback = JSONText.model(CallPlayback.self, from: data["playback"]) {
            let isDeleted = name == "application_playback_deleted"
            self[application].playbacks[playback.uuid] = isDeleted ? nil : data["call_id"]?.string
        } else if let snoop = JSONText.model(Snoop.self, from: data["snoop"]) {
            self[application].snoops[snoop.uuid] = SnoopRecord(snoop: snoop, channel: nil)
        } else if name == "application_snoop_deleted", let uuid = data["snoop"]?["uuid"]?.string {
            self[application].snoops[uuid] = nil
        }
    }

    private mutating func learn(_ call: Call, isDeleted: Bool, _ application: String) {
        self[application].calls[call.id] = isDeleted ? nil : call
        if isDeleted { self[application].greeted.remove(call.id) }
    }

    private mutating func learn(_ node: CallNode, isDeleted: Bool, _ application: String) {
        let former = self[application].nodes[node.uuid]?.calls ?? []
        self[application].nodes[node.uuid] = isDeleted ? nil : node
        let members = isDeleted ? [] : node.calls
        for call in former where !members.contains(call) && self[application].calls[call.id]?.nodeUUID == node.uuid {
            self[application].calls[call.id]?.nodeUUID = nil
        }
        for call in members { self[application].calls[call.id]?.nodeUUID = node.uuid }
    }
}
