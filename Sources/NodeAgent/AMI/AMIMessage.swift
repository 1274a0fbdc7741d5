/// One message of Asterisk's manager interface: lines `Key: Value`, ended by an empty one.
struct AMIMessage: Sendable, Hashable {
    /// In the order of the message. A key may come more than once.
    var fields: [(key: String, value: String)] = []

    /// The last value of a key.
    subscript(_ key: String) -> String? { fields.last { $0.key == key }?.value }

    /// Takes a line in. One without a colon says nothing.
    mutating func add(line: String) {
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { return }
        let value = line[line.index(after: colon)...]
        fields.append((String(line[..<colon]), String(value.drop { $0 == " " })))
    }

    /// A flat object of texts, the event's name first. Of a key that comes more than once the last value counts, at its first place.
    var json: String {
        var members: [(key: String, value: String)] = []
        var places: [String: Int] = [:]
        for field in fields {
            if let place = places[field.key] {
                members[place].value = field.value
            } else {
                places[field.key] = members.count
                members.append(field)
            }
        }
        return "{" + members.map { Self.quoted($0.key) + ":" + Self.quoted($0.value) }.joined(separator: ",") + "}"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 32:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    static func == (one: AMIMessage, other: AMIMessage) -> Bool {
        one.fields.elementsEqual(other.fields) { $0 == $1 }
    }

    func hash(into hasher: inout Hasher) {
        for field in fields {
            hasher.combine(field.key)
            hasher.combine(field.value)
        }
    }
}
