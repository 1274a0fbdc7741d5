import Registry

/// The nodes that take calls in the order of ``Placement``, kept up to date by each change: the first is known at once, and a change
/// moves one node.
struct PlacementQueue: Sendable {
    private struct Entry: Sendable {
        var name: String
        var weight: Int
        var channels: Int

        /// The least loaded for its weight, equal ones in order of name.
        static func < (left: Entry, right: Entry) -> Bool {
            let loads = (Double(left.channels) / Double(left.weight), Double(right.channels) / Double(right.weight))
            return loads.0 == loads.1 ? left.name < right.name : loads.0 < loads.1
        }
    }

    /// A heap: no entry comes before that at half of the index before its own.
    private var heap: [Entry] = []
    private var places: [String: Int] = [:]

    /// The node for new work.
    var first: String? { heap.first?.name }

    /// Takes in how a node is now.
    mutating func note(_ node: NodeRecord, channels: Int) {
        guard node.takesCalls else { return remove(node.name) }
        let entry = Entry(name: node.name, weight: max(node.weight, 1), channels: channels)
        if let place = places[node.name] {
            heap[place] = entry
            settle(place)
        } else {
            places[node.name] = heap.count
            heap.append(entry)
            rise(heap.count - 1)
        }
    }

    /// Takes in how many channels a node has; one that takes no calls is not in here.
    mutating func note(channels: Int, on node: String) {
        guard let place = places[node], heap[place].channels != channels else { return }
        heap[place].channels = channels
        settle(place)
    }

    /// Takes a node out.
    mutating func remove(_ name: String) {
        guard let place = places.removeValue(forKey: name) else { return }
        let last = heap.removeLast()
        guard place < heap.count else { return }
        heap[place] = last
        places[last.name] = place
        settle(place)
    }

    private mutating func settle(_ place: Int) {
        if !rise(place) { sink(place) }
    }

    @discardableResult
    private mutating func rise(_ start: Int) -> Bool {
        var place = start
        while place > 0, heap[place] < heap[(place - 1) / 2] {
            swap(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
        return place != start
    }

    private mutating func sink(_ start: Int) {
        var place = start
        while true {
            let children = [2 * place + 1, 2 * place + 2].filter { $0 < heap.count }
            guard let least = children.min(by: { heap[$0] < heap[$1] }), heap[least] < heap[place] else { return }
            swap(place, least)
            place = least
        }
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        heap.swapAt(one, other)
        places[heap[one].name] = one
        places[heap[other].name] = other
    }
}
