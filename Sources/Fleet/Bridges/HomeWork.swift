import ARI

/// What a fleet bridge has at its home beside channels, and would lose if the home moved.
extension FleetBridge {
    /// A thing that stays until a client takes it away; no event tells of it.
    package enum Belonging: Sendable, Hashable {
        case music, variables
    }

    /// Takes in what a client asked of the bridge and its home did.
    package mutating func note(_ request: ARIRequest) {
        guard request.path.count > 2 else { return }
        switch (request.method, request.path[2]) {
        case ("POST", "moh"): belongings.insert(.music)
        case ("DELETE", "moh"): belongings.remove(.music)
        case ("POST", "variable"), ("POST", "variables"): belongings.insert(.variables)
        default: break
        }
    }
}

extension FleetState {
    /// Whether a bridge plays or records something at its home, or has music or variables there.
    package func isBusyAtHome(_ bridge: FleetBridge) -> Bool {
        guard let home = bridge.record.home.flatMap({ mirrors[$0] }) else { return false }
        let target = "bridge:\(bridge.id)"
        return !bridge.belongings.isEmpty || bridge.record.music != nil || isPlaying(bridge)
            || home.recordings.values.contains { $0.targetURI == target }
    }

    /// Whether a bridge plays something at its home, or is about to.
    func isPlaying(_ bridge: FleetBridge) -> Bool {
        guard let home = bridge.record.home.flatMap({ mirrors[$0] }) else { return false }
        let target = "bridge:\(bridge.id)"
        return !bridge.playing.isEmpty || home.playbacks.values.contains { $0.targetURI == target }
    }

    /// What to do for a bridge that this gateway conducts.
    package func plan(for id: String) -> [LegPlan.Directive] {
        guard isConducting, let bridge = bridges[id], !bridge.isEnding else { return [] }
        return LegPlan.plan(
            bridge,
            members: members(of: id).mapValues(\.count),
            alive: alive,
            speaking: speakingNode(of: bridge),
            isHomeBusy: isBusyAtHome(bridge)
        )
    }
}
