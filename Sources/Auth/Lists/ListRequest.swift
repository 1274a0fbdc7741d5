import HTTPTypes
import Hummingbird
import WebAPI

/// Which part of a list is asked for, and in what order: `order`, `direction`, `limit`, `offset`, `search`, `recurse`, and a column's
/// name for rows that have this value there.
struct ListRequest: Sendable {
    var order: String?
    var isDescending = false
    var limit: Int?
    var offset = 0
    var search: String?
    /// Whether what belongs to tenants below is listed as well.
    var recurse = false
    var filters: [String: String] = [:]

    init() {}

    /// - Throws: ``WebError`` 400.
    init(_ request: Request, _ table: ListTable) throws(WebError) {
        for (key, value) in request.uri.queryParameters {
            let (name, text) = (String(key), String(value))
            switch name {
            case "order":
                guard let column = table.columns.contains(text) ? text : table.orders[text] else {
                    throw Self.invalid(name)
                }
                order = column
            case "direction":
                guard ["asc", "desc"].contains(text) else { throw Self.invalid(name) }
                isDescending = text == "desc"
            case "limit": limit = try Self.number(name, text)
            case "offset": offset = try Self.number(name, text)
            case "search": search = text.isEmpty ? nil : text
            case "recurse":
                guard let flag = Self.flags[text.lowercased()] else { throw Self.invalid(name) }
                recurse = flag
            default:
                if table.columns.contains(name) { filters[name] = text }
            }
        }
        let texts = Array(filters.values) + [search ?? ""]
        guard !texts.contains(where: { $0.utf8.contains(0) }) else { throw Self.invalid("search") }
    }

    private static let flags = ["true": true, "1": true, "false": false, "0": false]

    private static func number(_ name: String, _ text: String) throws(WebError) -> Int {
        guard let number = Int(text), (0...Int(Int32.max)).contains(number) else { throw invalid(name) }
        return number
    }

    private static func invalid(_ name: String) -> WebError {
        .tokenService(.badRequest, "Invalid value supplied for field: \(name)")
    }
}

/// What is listed.
struct ListTable: Sendable {
    /// After FROM.
    var from: String
    /// Columns of text: to sort by, search in and compare with.
    var columns: [String]
    /// What else it can be sorted by: the name on the wire, and the column.
    var orders: [String: String] = [:]
    /// Sorts what is otherwise equal, so that pages do not overlap.
    var key: String
}

/// A part of a list.
struct ListPage<Item: Sendable>: Sendable {
    var items: [Item]
    /// How many there are at all, and how many of them match.
    var total: Int
    var filtered: Int
}

extension ListTable {
    /// The rows that match a condition and a request.
    func page(
        _ sql: any SQLConnection,
        _ request: ListRequest,
        _ condition: SQLCondition
    ) throws(StoreError) -> ListPage<SQLRow> {
        let total = try sql.count("SELECT count(*) AS n FROM \(from) WHERE \(condition.text)", condition.values)
        var wanted = condition
        for (name, value) in request.filters.sorted(by: { $0.key < $1.key }) {
            wanted = wanted.and("\(name) = ?", .text(value))
        }
        if let search = request.search {
            let pattern = "%" + search.lowercased().map { "\\%_".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "%"
            let matches = columns.map { "lower(\($0)) LIKE ? ESCAPE '\\'" }.joined(separator: " OR ")
            wanted = SQLCondition(
                "\(wanted.text) AND (\(matches))",
                wanted.values + columns.map { _ in .text(pattern) }
            )
        }
        let filtered = try sql.count("SELECT count(*) AS n FROM \(from) WHERE \(wanted.text)", wanted.values)
        let direction = request.isDescending ? "DESC" : "ASC"
        let rows = try sql.run(
            """
            SELECT * FROM \(from) WHERE \(wanted.text) ORDER BY \(request.order ?? key) \(direction), \(key) \(direction) \
            LIMIT ? OFFSET ?
            """,
            wanted.values + [SQLValue(request.limit ?? Int(Int32.max)), SQLValue(request.offset)]
        )
        return ListPage(items: rows, total: total, filtered: filtered)
    }
}

/// What stands after WHERE, with the values for its `?`.
struct SQLCondition: Sendable {
    var text: String
    var values: [SQLValue]

    init(_ text: String, _ values: [SQLValue]) {
        self.text = text
        self.values = values
    }

    func and(_ other: String, _ values: SQLValue...) -> SQLCondition {
        SQLCondition("\(text) AND \(other)", self.values + values)
    }

    func and(_ other: SQLCondition) -> SQLCondition {
        SQLCondition("\(text) AND \(other.text)", values + other.values)
    }
}
