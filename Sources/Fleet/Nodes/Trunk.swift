/// The PJSIP endpoints through which legs go.
package enum Trunk {
    package static func isEndpoint(_ technology: String?, _ resource: String?) -> Bool {
        technology == "PJSIP" && (resource == "trunk" || resource?.hasPrefix("node-") == true)
    }

    /// Whether a channel's name says that it is an end of a leg.
    package static func isChannel(named name: some StringProtocol) -> Bool {
        name.hasPrefix("PJSIP/node-") || name.hasPrefix("PJSIP/trunk-")
    }

    package static func isDevice(_ name: String) -> Bool {
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        return parts.count == 2 && isEndpoint(parts[0], parts[1])
    }
}
