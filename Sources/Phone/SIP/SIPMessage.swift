/// One SIP message (RFC 3261 section 7): a start line, fields in their order, a body.
struct SIPMessage: Sendable, Hashable {
    enum Start: Sendable, Hashable {
        case request(method: String, uri: String)
        case response(status: Int, reason: String)
    }

    struct Field: Sendable, Hashable {
        var name: String
        var value: String
    }

    var start: Start
    var fields: [Field]
    var body: String

    init(_ start: Start, _ fields: [(String, String)] = [], body: String = "") {
        self.start = start
        self.fields = fields.map { Field(name: $0.0, value: $0.1) }
        self.body = body
    }

    var method: String? { if case .request(let method, _) = start { method } else { nil } }
    var status: Int? { if case .response(let status, _) = start { status } else { nil } }
    var reason: String { if case .response(_, let reason) = start { reason } else { "" } }

    /// The first field of a name, written in full; nil when absent. Setting replaces or appends it, nil removes all of it.
    subscript(name: String) -> String? {
        get { fields.first { $0.name.lowercased() == name.lowercased() }?.value }
        set {
            let index = fields.firstIndex { $0.name.lowercased() == name.lowercased() }
            switch (index, newValue) {
            case (let index?, let value?): fields[index].value = value
            case (nil, let value?): fields.append(Field(name: name, value: value))
            case (_, nil): fields.removeAll { $0.name.lowercased() == name.lowercased() }
            }
        }
    }

    /// Every value of a field that may be repeated or hold a list.
    func list(_ name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name.lowercased() }.flatMap { SIPFields.splitList($0.value) }
    }

    /// The branch of the topmost Via, which names the transaction.
    var branch: String? { list("Via").first.flatMap { SIPFields.parameter("branch", of: $0) } }

    /// The number and method in CSeq.
    var sequence: (number: Int, method: String)? {
        let words = (self["CSeq"] ?? "").split(separator: " ")
        guard words.count == 2, let number = Int(words[0]) else { return nil }
        return (number, String(words[1]))
    }
}
