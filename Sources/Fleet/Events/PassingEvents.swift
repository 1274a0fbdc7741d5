/// What happens on a node without changing anything that a gateway keeps of it.
package enum PassingEvents {
    /// By type; of `ChannelVarset` only those of the variables that mark legs and moved calls matter: the type does not say.
    package static let types: Set<String> = [
        "ChannelDtmfReceived", "ChannelTalkingStarted", "ChannelTalkingFinished", "ChannelToneDetected",
        "ChannelUserevent", "ContactStatusChange", "DeviceStateChanged", "Dial", "EndpointStateChange",
        "PeerStatusChange", "TextMessageReceived",
    ]
}
