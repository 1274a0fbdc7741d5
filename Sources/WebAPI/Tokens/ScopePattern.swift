/// What a route requires, with names of its parameters in braces: `applicationd.applications.{application_uuid}.read`.
package struct ScopePattern: Sendable, Hashable, ExpressibleByStringLiteral {
    private let pieces: [Piece]

    private enum Piece: Sendable, Hashable {
        case text(String)
        case parameter(String)
    }

    package init(stringLiteral text: String) { self.init(text) }

    package init(_ text: String) {
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            pieces.append(.text(String(rest[..<open])))
            pieces.append(.parameter(String(rest[rest.index(after: open)..<close])))
            rest = rest[rest.index(after: close)...]
        }
        self.pieces = pieces + [.text(String(rest))]
    }

    /// The scope of one request. A dot in a parameter would be read as one of the scope's own, and becomes `_`.
    func scope(_ context: WebContext) throws(WebError) -> String {
        var scope = ""
        for piece in pieces {
            switch piece {
            case .text(let text): scope += text
            case .parameter(let name): scope += try context.parameter(name).replacing(".", with: "_")
            }
        }
        return scope
    }
}
