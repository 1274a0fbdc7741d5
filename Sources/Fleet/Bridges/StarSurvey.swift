import ARI
import Foundation

/// What the nodes show of one fleet bridge, whoever made it: from this a new conductor goes on where the last one stopped.
package struct StarSurvey: Sendable, Hashable {
    /// Nodes with a local bridge of the id.
    package var parts: Set<String> = []
    /// Its legs, sorted by id; one that lacks an end, or has one outside the bridge, is marked broken.
    package var legs: [Leg] = []

    package init(parts: Set<String> = [], legs: [Leg] = []) {
        self.parts = parts
        self.legs = legs
    }
}

/// Reads stars out of the mirrors.
extension FleetState {
    /// What the nodes show of a bridge.
    package func survey(of bridge: String) -> StarSurvey {
        StarSurvey(
            parts: whereabouts.bridges[bridge] ?? [],
            legs: legEnds().sorted { $0.key.description < $1.key.description }.compactMap { id, ends in
                ends.bridge == bridge ? leg(id, ends, of: bridge) : nil
            }
        )
    }

    /// Nodes with a local bridge of the id, by what was done there or by what they show: each may be late.
    package func parts(of bridge: String) -> Set<String> {
        (bridges[bridge]?.parts ?? []).union(whereabouts.bridges[bridge] ?? [])
    }

    /// Legs that belong to no bridge of the fleet, made by gateways and left behind.
    package func strayLegs() -> [Leg] {
        legEnds().sorted { $0.key.description < $1.key.description }.compactMap { id, ends in
            guard id.isMinted else { return nil }
            if let bridge = ends.bridge, bridges[bridge] != nil { return nil }
            return leg(id, ends, of: nil)
        }
    }

    /// Takes in what the nodes show of a bridge, beside what is known already.
    /// - Parameter dialling: legs that are being made.
    package mutating func adopt(_ survey: StarSurvey, for bridge: String, except dialling: Set<LegID> = []) {
        guard let known = bridges[bridge]?.legs else { return }
        bridges[bridge]?.parts.formUnion(survey.parts)
        let ids = Set(known.map(\.id)).union(dialling)
        bridges[bridge]?.legs += survey.legs.filter { !ids.contains($0.id) }
    }

    /// Whether a leg has an end in a bridge.
    func hasLegs(_ bridge: String) -> Bool {
        whereabouts.bridges[bridge, default: []].contains { node in
            guard let mirror = mirrors[node] else { return false }
            return mirror.bridges[bridge]?.channels.contains { isLeg($0, on: mirror) } ?? false
        }
    }

    private struct LegEnds {
        var near: (node: String, channel: MirroredChannel)?
        var far: (node: String, channel: MirroredChannel)?

        /// Where it is says more than what it was made for.
        var bridge: String? {
            near?.channel.bridge ?? far?.channel.bridge ?? near?.channel.channel.channelvars?[LegID.variable]
        }
    }

    private func legEnds() -> [LegID: LegEnds] {
        var ends: [LegID: LegEnds] = [:]
        for (node, mirror) in mirrors {
            for known in mirror.legs.compactMap({ mirror.channels[$0] }) {
                guard let id = known.leg else { continue }
                if known.channel.id == id.channel(on: node) {
                    ends[id, default: LegEnds()].near = (node, known)
                } else if known.channel.dialplan.context == LegID.context {
                    ends[id, default: LegEnds()].far = (node, known)
                }
            }
        }
        return ends
    }

    /// - Returns: nil while a node that may hold the other end has not been listed.
    private func leg(_ id: LegID, _ ends: LegEnds, of bridge: String?) -> Leg? {
        if ends.near == nil || ends.far == nil, mirrors.values.contains(where: { !$0.isListed }) { return nil }
        var leg = Leg(
            id: id,
            node: ends.near?.node ?? "",
            home: ends.far?.node ?? bridge.flatMap { bridges[$0]?.record.home } ?? "",
            farChannel: ends.far?.channel.channel.id
        )
        leg.isBroken = bridge == nil || ends.near?.channel.bridge != bridge || ends.far?.channel.bridge != bridge
        return leg
    }
}
