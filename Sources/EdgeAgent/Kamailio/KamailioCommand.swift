/// One command of Kamailio's RPC.
///
/// Parameters are typed, because Kamailio reads the text "1" where it expects a number as 0.
struct KamailioCommand: Sendable, Hashable, Encodable {
    enum Parameter: Sendable, Hashable, Encodable {
        case text(String)
        case number(Int)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            }
        }
    }

    var jsonrpc = "2.0"
    var id = 1
    var method: String
    var params: [Parameter]

    init(_ method: String, _ params: [Parameter] = []) {
        self.method = method
        self.params = params
    }
}

extension KamailioCommand.Parameter: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .number(value) }
}
