import ARI

/// Every event of applications, with its routing key and data.
extension Announcement {
    /// The one event of the first generation; its call has fewer members.
    static func userOutgoingCallOfFirstGeneration(_ call: Call, in application: String) -> Announcement {
        Announcement(
            name: "user_outgoing_call_created",
            application: application,
            key: "user_outgoing_call.\(call.id).created",
            audience: .everyone,
            data: [
                "call": [
                    "id": .string(call.id),
                    "caller_id_name": .string(call.callerIDName),
                    "caller_id_number": .string(call.callerIDNumber),
                    "creation_time": .string(String(call.creationTime.prefix { $0 != "T" })),
                    "status": .string(call.status),
                    "muted": .bool(call.isMuted),
                ]
            ]
        )
    }

    /// How a call came to be an application's.
    enum Entry: String, Sendable, Hashable {
        case entered = "application_call_entered"
        case initiated = "application_call_initiated"
        case userOutgoing = "application_user_outgoing_call_created"
    }

    static func callCreated(_ call: Call, _ entry: Entry, in application: String) -> Announcement {
        let key = entry == .userOutgoing ? "user_outgoing_call.\(call.id).created" : "calls.created"
        return of(call, entry.rawValue, key, application)
    }

    static func callUpdated(_ call: Call, in application: String) -> Announcement {
        of(call, "application_call_updated", "calls.\(call.id).updated", application)
    }

    static func callAnswered(_ call: Call, in application: String) -> Announcement {
        of(call, "application_call_answered", "calls.\(call.id).answered", application)
    }

    static func callDeleted(_ call: Call, in application: String) -> Announcement {
        of(call, "application_call_deleted", "calls.\(call.id).deleted", application)
    }

    static func progress(_ call: Call, in application: String) -> Announcement {
        let word = call.isProgressing ? "started" : "stopped"
        return of(call, "application_progress_\(word)", "calls.\(call.id).progress.\(word)", application)
    }

    static func digit(_ digit: String, of call: Call, in application: String) -> Announcement {
        Announcement(
            name: "application_call_dtmf_received",
            application: application,
            key: "calls.\(escaped(call.id)).dtmf.created",
            audience: .everyone,
            data: [
                "call_id": .string(call.id), "conversation_id": .string(call.conversationID), "dtmf": .string(digit),
            ]
        )
    }

    static func nodeCreated(_ node: CallNode, in application: String) -> Announcement {
        of(node, "application_node_created", "nodes.created", application)
    }

    static func nodeUpdated(_ node: CallNode, in application: String) -> Announcement {
        of(node, "application_node_updated", "nodes.\(node.uuid).updated", application)
    }

    static func nodeDeleted(_ node: CallNode, in application: String) -> Announcement {
        of(node, "application_node_deleted", "nodes.\(node.uuid).deleted", application)
    }

    static func playback(
        _ playback: CallPlayback,
        _ word: String,
        of call: Call,
        in application: String
    ) -> Announcement {
        Announcement(
            name: "application_playback_\(word)",
            application: application,
            key: "playbacks.\(playback.uuid).\(word)",
            audience: .everyone,
            data: [
                "call_id": .string(call.id), "conversation_id": .string(call.conversationID),
                "playback": JSONText.value(playback),
            ]
        )
    }

    static func snoop(_ snoop: Snoop, _ word: String, in application: String) -> Announcement {
        Announcement(
            name: "application_snoop_\(word)",
            application: application,
            key: "snoops.\(snoop.uuid).\(word)",
            audience: .everyone,
            data: ["snoop": word == "deleted" ? ["uuid": .string(snoop.uuid)] : JSONText.value(snoop)]
        )
    }

    private static func of(_ call: Call, _ name: String, _ key: String, _ application: String) -> Announcement {
        Announcement(
            name: name,
            application: application,
            key: key,
            audience: .user(call.userUUID),
            data: ["call": JSONText.value(call)]
        )
    }

    private static func of(_ node: CallNode, _ name: String, _ key: String, _ application: String) -> Announcement {
        Announcement(
            name: name,
            application: application,
            key: key,
            audience: .everyone,
            data: ["node": JSONText.value(node)]
        )
    }
}
