/// The fleet bridges by id, and which of them wait for a channel or have a leg that ends with it: what the end of a channel means takes one
/// step to find, however many bridges there are.
package struct FleetBridges: Sendable {
    package private(set) var all: [String: FleetBridge] = [:]
    /// Channel -> the bridges that name it.
    private var naming: [String: Set<String>] = [:]

    package init() {}

    package var keys: [String: FleetBridge].Keys { all.keys }
    package var values: [String: FleetBridge].Values { all.values }

    /// The bridges that have a leg with this end, or that the channel is about to enter.
    package func naming(_ channel: String) -> Set<String> { naming[channel] ?? [] }

    /// The bridge that a channel was put into and has not been seen to enter yet.
    func awaiting(_ channel: String) -> String? { naming(channel).first { all[$0]?.joining[channel] != nil } }

    package subscript(id: String) -> FleetBridge? {
        get { all[id] }
        set {
            let known = all[id]
            all[id] = newValue
            // Nearly always something else has changed; what has not is told by its storage, at once.
            guard known?.joining != newValue?.joining || known?.legs != newValue?.legs else { return }
            let former = known?.named ?? []
            let named = newValue?.named ?? []
            for channel in former where !named.contains(channel) {
                naming[channel]?.remove(id)
                if naming[channel]?.isEmpty == true { naming[channel] = nil }
            }
            for channel in named where !former.contains(channel) { naming[channel, default: []].insert(id) }
        }
    }
}

extension FleetBridge {
    /// The channels without which it, or a leg of it, would have to be looked at.
    fileprivate var named: Set<String> {
        var named = Set(joining.keys)
        for leg in legs {
            named.insert(leg.nearChannel)
            if let far = leg.farChannel { named.insert(far) }
        }
        return named
    }
}
