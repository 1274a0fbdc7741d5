/// A value in a column or a statement: the two kinds that both stores have, and none.
package enum SQLValue: Sendable, Hashable {
    case null
    case text(String)
    case integer(Int64)

    package init(_ text: String?) { self = text.map(SQLValue.text) ?? .null }
    package init(_ number: Int) { self = .integer(Int64(number)) }
    package init(_ flag: Bool) { self = .integer(flag ? 1 : 0) }
}

extension SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    package init(stringLiteral text: String) { self = .text(text) }
    package init(integerLiteral number: Int64) { self = .integer(number) }
}

/// One row of an answer, by the names of its columns.
package struct SQLRow: Sendable, Hashable {
    private let values: [String: SQLValue]

    package init(_ values: [String: SQLValue]) { self.values = values }

    /// The text in a column; nil for NULL.
    package func text(_ column: String) -> String? {
        if case .text(let text) = values[column] { text } else { nil }
    }

    /// The text in a column that has one in every row.
    package func required(_ column: String) throws(StoreError) -> String {
        guard let text = text(column) else { throw .broken("column \(column) has no text") }
        return text
    }

    package func integer(_ column: String) throws(StoreError) -> Int {
        guard case .integer(let number) = values[column] else { throw .broken("column \(column) has no number") }
        return Int(number)
    }

    package func flag(_ column: String) throws(StoreError) -> Bool { try integer(column) != 0 }
}
