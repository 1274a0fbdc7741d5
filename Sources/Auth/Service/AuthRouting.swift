import ARI
import Access
import HTTPTypes
import Hummingbird
import WebAPI

/// The manner of all routes that need a token.
protocol AuthRouting: Sendable {
    var core: AuthCore { get }
}

extension AuthRouting {
    typealias Routes = RouterGroup<WebContext>

    /// Routes that need a token with an access.
    /// - Parameter scope: without the leading `auth.`.
    func requiring(_ scope: String, _ router: some RouterMethods<WebContext>) -> Routes {
        router.requiring(ScopePattern("auth." + scope), from: StoredTokens(core: core))
    }

    /// The answer to a list.
    /// - Parameter isFiltered: false where the wire has no `filtered`.
    func answer(_ page: ListPage<JSONValue>, isFiltered: Bool = true) throws -> Response {
        var body: [String: JSONValue] = ["items": .array(page.items), "total": .integer(page.total)]
        if isFiltered { body["filtered"] = .integer(page.filtered) }
        return try JSONBody.answer(JSONValue.object(body))
    }

    func answer(_ value: JSONValue) throws -> Response { try JSONBody.answer(value) }

    var done: Response { Response(status: .noContent) }

    /// A list of what a condition and the request's parameters leave.
    func list(
        _ table: ListTable,
        _ request: Request,
        _ context: WebContext,
        where condition: @escaping @Sendable (ListRequest, Caller, any SQLConnection) throws -> SQLCondition,
        item: @escaping @Sendable (SQLRow, any SQLConnection) throws -> JSONValue
    ) async throws -> ListPage<JSONValue> {
        let wanted = try ListRequest(request, table)
        let caller = try await core.caller(request, context)
        return try await core.read { sql in
            let page = try table.page(sql, wanted, condition(wanted, caller, sql))
            return ListPage(
                items: try page.items.map { try item($0, sql) },
                total: page.total,
                filtered: page.filtered
            )
        }
    }
}

/// Texts of bodies, held against what the wire allows.
enum Field {
    /// - Throws: ``WebError`` 400.
    static func check(_ text: String?, _ name: String, _ length: ClosedRange<Int>) throws(WebError) {
        guard let text else { return }
        guard !text.utf8.contains(0) else { throw .invalid(name, "has a zero byte") }
        guard length.contains(text.unicodeScalars.count) else {
            throw .invalid(name, "must have \(length.lowerBound) to \(length.upperBound) characters")
        }
    }

    /// A short name for paths.
    static func check(slug: String?, _ longest: Int) throws(WebError) {
        guard let slug else { return }
        guard (1...longest).contains(slug.utf8.count), slug.utf8.allSatisfy(isSlug) else {
            throw .invalid("slug", "must be 1 to \(longest) of letters, digits, _ and -")
        }
    }

    /// A short name made of a name.
    static func slug(of name: String?, _ longest: Int) -> String {
        let letters = (name ?? "").utf8.filter(isSlug).prefix(longest)
        return letters.isEmpty
            ? String((0..<8).map { _ in "abcdefghijkmnpqrstuvwxyz".randomElement() ?? "a" })
            : String(decoding: letters, as: UTF8.self)
    }

    private static func isSlug(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
