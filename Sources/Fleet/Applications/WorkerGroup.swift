/// The workers that share the calls of one application (`group=NAME`): which of them hears what.
///
/// A call goes to the worker with the fewest, and stays with it until that worker leaves. What is about a bridge goes to who has a call in
/// it, what is about no call to all.
package struct WorkerGroup<Worker: Hashable & Sendable>: Sendable {
    /// How many channels that are not in the application, and bridges that are empty, are remembered: events about them may come yet.
    private static var memory: Int { 1_000 }

    /// In the order in which they came.
    package private(set) var workers: [Worker] = []
    /// Channel -> whose it is: before it enters the application, while it is there, and for a while afterwards.
    private var owners: [String: Worker] = [:]
    /// The channels in the application, by worker; those too that a worker has made and that will be.
    private var calls: [Worker: Set<String>] = [:]
    /// How many channels each worker was given, to choose among those with equally many calls.
    private var given: [Worker: Int] = [:]
    /// Channels that were outside the application when they were noted here, the oldest first.
    private var passing: [String] = []
    /// Channel -> what the two halves of its Local channel have in common, which has an owner too.
    private var halves: [String: String] = [:]
    /// Bridge -> who heard of it last.
    private var bridges: [String: Worker] = [:]
    /// Bridges that were left empty, the oldest first.
    private var emptied: [String] = []

    package init() {}

    /// How many calls a worker has.
    package func load(of worker: Worker) -> Int { calls[worker]?.count ?? 0 }

    /// Whose a channel is.
    package func owner(ofChannel id: String) -> Worker? { owners[id] }

    /// A worker has come: new calls are for it too.
    package mutating func join(_ worker: Worker) {
        guard calls[worker] == nil else { return }
        workers.append(worker)
        calls[worker] = []
        given[worker] = given.values.max() ?? 0
    }

    /// A worker is gone: the others take over its calls, each the next that has the fewest.
    /// - Returns: the channels that were in the application, by the worker that has them now.
    package mutating func leave(_ worker: Worker) -> [Worker: Set<String>] {
        guard let orphans = calls.removeValue(forKey: worker) else { return [:] }
        workers.removeAll { $0 == worker }
        given[worker] = nil
        let former = owners.filter { $0.value == worker }.keys
        for channel in former { owners[channel] = nil }
        bridges = bridges.filter { $0.value != worker }
        var taken: [Worker: Set<String>] = [:]
        for channel in orphans.sorted() {
            guard let next = idlest else { break }
            give(channel, to: next)
            taken[next, default: []].insert(channel)
            if let half = halves[channel] { assign(half, to: next) }
        }
        for channel in former where owners[channel] == nil {
            if let owner = halves[channel].flatMap({ owners[$0] }) {
                assign(channel, to: owner)
            } else {
                forget(channel)
            }
        }
        return taken
    }

    /// A call is a certain worker's, whatever the load: it made it, or has the call that it belongs to.
    /// - Returns: false when it has an owner already.
    @discardableResult
    package mutating func give(_ channel: String, to worker: Worker) -> Bool {
        guard assign(channel, to: worker) else { return false }
        calls[worker]?.insert(channel)
        return true
    }

    /// A call that was given did not come about.
    package mutating func takeBack(_ channel: String) {
        if let owner = owners[channel] { calls[owner]?.remove(channel) }
        forget(channel)
    }

    /// Who hears an event; a channel that it is the first to tell of gets its worker.
    package mutating func hearers(of subjects: CallSubjects) -> [Worker] {
        guard !subjects.isNone else { return workers }
        var hearers: [Worker] = []
        for channel in subjects.channels {
            if let owner = owners[channel], !hearers.contains(owner) { hearers.append(owner) }
        }
        if let channel = subjects.channels.first, owners[channel] == nil {
            let known = hearers.first ?? firstHalf(of: channel).flatMap { owners[$0] }
            guard let owner = known ?? subjects.bridge.flatMap({ bridges[$0] }) ?? idlest else { return [] }
            assign(channel, to: owner)
            note(passing: channel)
            if !hearers.contains(owner) { hearers.append(owner) }
        }
        if let half = subjects.localHalf, let owner = hearers.first {
            if assign(half, to: owner) { note(passing: half) }
            if let channel = subjects.channels.first { halves[channel] = half }
        }
        if let bridge = subjects.bridge {
            if hearers.isEmpty, let worker = bridges[bridge] ?? idlest { hearers = [worker] }
            bridges[bridge] = hearers.first
            if subjects.isBridgeEmpty { note(empty: bridge) }
        }
        if let channel = subjects.channels.first { note(subjects.stay, of: channel) }
        return hearers
    }

    /// The second half of a Local channel may be heard of before the first, which a worker has made: Asterisk names it `ID;2` then.
    private func firstHalf(of channel: String) -> String? {
        channel.hasSuffix(";2") ? String(channel.dropLast(2)) : nil
    }

    private var idlest: Worker? {
        workers.min { (load(of: $0), given[$0] ?? 0) < (load(of: $1), given[$1] ?? 0) }
    }

    @discardableResult
    private mutating func assign(_ channel: String, to worker: Worker) -> Bool {
        guard owners[channel] == nil, calls[worker] != nil else { return false }
        owners[channel] = worker
        given[worker, default: 0] += 1
        return true
    }

    private mutating func note(_ stay: CallSubjects.Stay, of channel: String) {
        guard let owner = owners[channel] else { return }
        switch stay {
        case .unchanged: return
        case .begins: calls[owner]?.insert(channel)
        case .ends: if calls[owner]?.remove(channel) != nil { note(passing: channel) }
        }
    }

    private mutating func note(passing channel: String) {
        passing.append(channel)
        guard passing.count > 2 * Self.memory else { return }
        for oldest in passing.prefix(Self.memory) where !isCall(oldest) { forget(oldest) }
        passing.removeFirst(Self.memory)
    }

    /// An application need not hear that a bridge has ended.
    private mutating func note(empty bridge: String) {
        emptied.append(bridge)
        guard emptied.count > 2 * Self.memory else { return }
        for oldest in emptied.prefix(Self.memory) { bridges[oldest] = nil }
        emptied.removeFirst(Self.memory)
    }

    private mutating func forget(_ channel: String) {
        owners[channel] = nil
        halves[channel] = nil
    }

    private func isCall(_ channel: String) -> Bool {
        owners[channel].map { calls[$0]?.contains(channel) == true } ?? false
    }
}
