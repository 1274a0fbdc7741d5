/// A table of bounded size: what is neither written nor renewed for long enough makes room for what is.
///
/// Two halves: when the younger is full it becomes the older, and the former older half is gone. Every operation takes constant time.
struct RecentEntries<Value: Sendable>: Sendable {
    private let half: Int
    private var young: [String: Value] = [:]
    private var old: [String: Value] = [:]

    /// - Parameter bound: how many there are at most.
    init(atMost bound: Int) { half = max(1, bound / 2) }

    /// How many there are; what was renewed counts once.
    var count: Int { young.count + old.keys.count { young[$0] == nil } }

    var isEmpty: Bool { young.isEmpty && old.isEmpty }

    /// Setting nil removes.
    subscript(key: String) -> Value? {
        get { young[key] ?? old[key] }
        set {
            guard let newValue else {
                young[key] = nil
                old[key] = nil
                return
            }
            if young[key] == nil, young.count >= half {
                old = young
                young = [:]
            }
            young[key] = newValue
        }
    }
}
