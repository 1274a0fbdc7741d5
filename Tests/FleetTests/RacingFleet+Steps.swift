import ARI
import Fleet
import Foundation

/// What a conductor does, one step at a time.
extension RacingFleet {
    /// Takes the next step that a gateway has before it, if there is one.
    mutating func step(_ index: Int) {
        guard !gateways[index].work.isEmpty else { return }
        let step = gateways[index].work.removeFirst()
        // What a gateway has begun it finishes; it begins nothing that belongs to another.
        let isConducting = gateways[index].state.isConducting
        switch step {
        case .create where isConducting: create(index)
        case .add(let channel) where isConducting: add(channel, index)
        case .remove(let channel) where isConducting: remove(channel, index)
        case .awaitLeaving(let channel, let patience): awaitLeaving(channel, patience, index)
        case .destroy where isConducting: destroy(index)
        case .resume: resume(index)
        case .reconcile: reconcile(index)
        case .perform(let directive) where isConducting: perform(directive, index)
        case .writeHome(let home, let record, let version): write(home, record, version, index)
        case .leave(let channels):
            for channel in channels {
                if let node = gateways[index].state.owner(ofChannel: channel) { nodes[node]?.leave(channel) }
            }
        case .arrive(let leg): arrive(leg, index)
        case .answer(let leg): answer(leg, index)
        case .complete(let leg):
            gateways[index].dialling.remove(leg.id)
            gateways[index].bridge?.legs.append(leg)
        case .endPart(let node) where isConducting: endPart(node, index)
        case .endRecord(let patience) where isConducting: endRecord(patience, index)
        default: break
        }
        spread()
    }

    private mutating func before(_ steps: [RacingGateway.Step], _ index: Int) {
        gateways[index].work.insert(contentsOf: steps, at: 0)
    }

    private mutating func create(_ index: Int) {
        guard gateways[index].state.fleetBridge(Self.room) == nil, gateways[index].bridge?.isEnding != true,
            record == nil
        else { return }
        version += 1
        let made = FleetBridge.Record(id: Self.room, name: "", type: "mixing", creationtime: "\(next())")
        record = made
        gateways[index].bridge = FleetBridge(record: made)
    }

    private mutating func add(_ channel: String, _ index: Int) {
        guard let bridge = gateways[index].state.fleetBridge(Self.room),
            let node = gateways[index].state.owner(ofChannel: channel)
        else { return }
        if bridge.record.home == nil, record != nil {
            // Comes back here when there is a home.
            return before([.perform(.elect(home: node)), .add(channel)], index)
        }
        gateways[index].bridge?.joining[channel] = node
        createPart(node, index)
        if nodes[node]?.enter(channel) != true {
            gateways[index].bridge?.parts.remove(node)
            createPart(node, index)
            guard nodes[node]?.enter(channel) == true else {
                gateways[index].bridge?.joining[channel] = nil
                return before([.leave([channel])], index)
            }
        }
        wanted.insert(channel)
        before([.reconcile], index)
    }

    private mutating func remove(_ channel: String, _ index: Int) {
        for (node, inside) in gateways[index].state.members(of: Self.room) where inside.contains(channel) {
            nodes[node]?.leave(channel)
            wanted.remove(channel)
            before([.awaitLeaving(channel, patience: 200)], index)
        }
    }

    private mutating func awaitLeaving(_ channel: String, _ patience: Int, _ index: Int) {
        let members = gateways[index].state.members(of: Self.room).values.joined()
        guard patience > 0, members.contains(channel) else { return }
        before([.awaitLeaving(channel, patience: patience - 1)], index)
    }

    private mutating func destroy(_ index: Int) {
        guard gateways[index].state.fleetBridge(Self.room) != nil else { return }
        gateways[index].bridge?.isEnding = true
        wanted = []
        record = gateways[index].bridge?.record
        version += 1
        tearDown(index)
    }

    private mutating func tearDown(_ index: Int) {
        guard let bridge = gateways[index].bridge else { return }
        before(
            bridge.legs.map { .perform(.hangUp($0)) }
                + gateways[index].state.parts(of: Self.room).sorted().map { .endPart($0) } + [.endRecord(patience: 8)],
            index
        )
    }

    private mutating func endPart(_ node: String, _ index: Int) {
        guard nodes[node]?.part != nil else {
            // "No such bridge", says a node that lives; of one that is dead nothing is heard.
            if nodes[node] != nil { gateways[index].state.forget(part: node, of: Self.room) }
            return
        }
        nodes[node]?.destroyPart()
    }

    private mutating func endRecord(_ patience: Int, _ index: Int) {
        guard gateways[index].bridge != nil else { return }
        guard gateways[index].state.parts(of: Self.room).isEmpty else {
            if patience > 0 { before([.endRecord(patience: patience - 1)], index) }
            return
        }
        record = nil
        gateways[index].bridge = nil
    }

    private mutating func resume(_ index: Int) {
        guard gateways[index].state.isConducting else { return }
        let survey = gateways[index].state.survey(of: Self.room)
        gateways[index].state.adopt(survey, for: Self.room, except: gateways[index].dialling)
        if let bridge = gateways[index].bridge, bridge.isForgotten, bridge.record.ending != true, record == nil,
            !gateways[index].state.members(of: Self.room).isEmpty
        {
            record = bridge.record
            version += 1
            gateways[index].bridge?.isForgotten = false
        }
        if gateways[index].bridge?.isEnding == true { tearDown(index) } else { reconcile(index) }
    }

    private mutating func reconcile(_ index: Int) {
        before(gateways[index].state.plan(for: Self.room).map { .perform($0) }, index)
    }

    private mutating func perform(_ directive: LegPlan.Directive, _ index: Int) {
        switch directive {
        case .elect(let home):
            if let record { before([.writeHome(home, record, version: version)], index) }
        case .createPart(let node): createPart(node, index)
        case .dial(let node, let home, _): dial(node, home, index)
        case .hangUp(let leg):
            hangUp(leg)
            gateways[index].bridge?.legs.removeAll { $0.id == leg.id }
        case .destroyPart(let node):
            nodes[node]?.destroyPart()
            gateways[index].bridge?.parts.remove(node)
        }
    }

    private mutating func write(_ home: String, _ read: FleetBridge.Record, _ expected: Int, _ index: Int) {
        guard record != nil, version == expected else {
            guard let record else { return }
            gateways[index].bridge?.record = record
            guard record.home != nil, record.home != home else { return }
            // A plan for the home that was not chosen is given up.
            while case .perform = gateways[index].work.first { gateways[index].work.removeFirst() }
            return before([.reconcile], index)
        }
        var record = read
        record.home = home
        self.record = record
        version += 1
        gateways[index].bridge?.record.home = home
    }

    private mutating func createPart(_ node: String, _ index: Int) {
        guard let bridge = gateways[index].bridge, !bridge.parts.contains(node), nodes[node] != nil else { return }
        nodes[node]?.makePart()
        gateways[index].bridge?.parts.insert(node)
    }

    private mutating func dial(_ node: String, _ home: String, _ index: Int) {
        guard nodes[node] != nil else { return }
        let id = LegID(word: String(format: "00000000-0000-4000-8000-%012d", next()))
        let leg = Leg(id: id, node: node, home: home)
        var near = Channel.made(leg.nearChannel, context: LegID.context, exten: "s")
        near.channelvars = [LegID.variable: Self.room]
        nodes[node]?.begin(near)
        gateways[index].dialling.insert(id)
        let hasEntered = nodes[node]?.enter(near.id) == true
        before([hasEntered ? .arrive(leg) : .perform(.hangUp(leg))], index)
        if !hasEntered { gateways[index].dialling.remove(id) }
    }

    private mutating func arrive(_ leg: Leg, _ index: Int) {
        var leg = leg
        guard nodes[leg.home] != nil, nodes[leg.node]?.channels[leg.nearChannel] != nil else { return fail(leg, index) }
        let far = Channel.made(Self.farEnd(of: leg.id), context: LegID.context, exten: leg.id.description)
        nodes[leg.home]?.begin(far)
        leg.farChannel = far.id
        before([.answer(leg)], index)
    }

    private mutating func answer(_ leg: Leg, _ index: Int) {
        guard let far = leg.farChannel, nodes[leg.home]?.enter(far) == true else { return fail(leg, index) }
        before([.complete(leg)], index)
    }

    private mutating func fail(_ leg: Leg, _ index: Int) {
        gateways[index].dialling.remove(leg.id)
        hangUp(leg)
        if leg.farChannel == nil { orphans.append((leg.home, Self.farEnd(of: leg.id))) }
    }
}
