/// How to get from what a table of Kamailio holds to what it should hold. Carrying it out and planning again gives nothing.
struct TablePlan: Sendable, Hashable {
    enum Operation: Sendable, Hashable {
        case set(key: String, value: String)
        case delete(key: String)
    }

    let operations: [Operation]

    init(desired: [String: String], actual: [String: String]) {
        let sets = desired.filter { actual[$0.key] != $0.value }.sorted { $0.key < $1.key }
        let deletions = actual.keys.filter { desired[$0] == nil }.sorted()
        // Deletions first: whoever was removed is out even if the rest fails.
        operations = deletions.map { .delete(key: $0) } + sets.map { .set(key: $0.key, value: $0.value) }
    }
}

extension TablePlan.Operation {
    func command(table: String) -> KamailioCommand {
        switch self {
        case .set(let key, let value): KamailioCommand("htable.sets", [.text(table), .text(key), .text(value)])
        case .delete(let key): KamailioCommand("htable.delete", [.text(table), .text(key)])
        }
    }
}
