/// What is wrong with one part of a request, as FastAPI says it.
package struct ValidationProblem: Encodable, Sendable, Hashable {
    /// One step on the way to the part: a name, or an index in a list.
    package enum Step: Encodable, Sendable, Hashable, ExpressibleByStringLiteral {
        case name(String)
        case index(Int)

        package init(stringLiteral name: String) { self = .name(name) }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .name(let name): try container.encode(name)
            case .index(let index): try container.encode(index)
            }
        }
    }

    /// `body`, `query` or `path`, and the way from there.
    package var location: [Step]
    package var message: String
    /// Such as `value_error.missing`.
    package var type: String

    package init(_ location: [Step], _ message: String, type: String) {
        self.location = location
        self.message = message
        self.type = type
    }

    private enum CodingKeys: String, CodingKey {
        case location = "loc"
        case message = "msg"
        case type
    }

    /// The part is not there.
    package static func missing(_ location: Step...) -> ValidationProblem {
        ValidationProblem(location, "field required", type: "value_error.missing")
    }

    /// The part is no list.
    package static func notAList(_ location: Step...) -> ValidationProblem {
        ValidationProblem(location, "value is not a valid list", type: "type_error.list")
    }
}
