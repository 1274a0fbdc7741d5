/// Nothing is left out when it is unknown: clients look for `null`.
extension Call {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(callerIDName, forKey: .callerIDName)
        try container.encode(callerIDNumber, forKey: .callerIDNumber)
        try container.encode(creationTime, forKey: .creationTime)
        try container.encode(conversationID, forKey: .conversationID)
        try container.encode(status, forKey: .status)
        try container.encode(isOnHold, forKey: .isOnHold)
        try container.encode(isCaller, forKey: .isCaller)
        try container.encode(dialedExtension, forKey: .dialedExtension)
        try container.encode(variables, forKey: .variables)
        try container.encode(nodeUUID, forKey: .nodeUUID)
        try container.encode(mohUUID, forKey: .mohUUID)
        try container.encode(isMuted, forKey: .isMuted)
        try container.encode(isProgressing, forKey: .isProgressing)
        try container.encode(snoops, forKey: .snoops)
        try container.encode(userUUID, forKey: .userUUID)
        try container.encode(tenantUUID, forKey: .tenantUUID)
    }
}
