import NIOCore

/// `openapi.json` and `docs` of one API, for whichever server passes on the path.
package struct DocumentPages: Sendable {
    /// What is answered.
    package struct Page: Sendable {
        package var status: Int
        package var headers: [(name: String, value: String)]
        package var body: ByteBuffer
    }

    /// A page of ours runs scripts of ours only, and stands in nobody's frame. Swagger UI styles its elements in place.
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    package let document: OpenAPIDocument
    private let ui: SwaggerUI?

    /// - Parameter ui: nil where Swagger UI is not installed: `docs` says so.
    package init(document: OpenAPIDocument, ui: SwaggerUI?) {
        self.document = document
        self.ui = ui
    }

    /// The answer to `GET` of a path.
    /// - Parameters:
    ///   - path: such as `docs`, `docs/swagger-ui.css` or `openapi.json`, without what comes before.
    ///   - scriptName: the path at which a proxy offers the API.
    /// - Returns: nil when it is none of these.
    package func page(_ path: some StringProtocol, below scriptName: String = "") -> Page? {
        switch path {
        case "openapi.json":
            return Self.page(200, "application/json", ByteBuffer(bytes: document.served(below: scriptName)))
        case "docs", "docs/":
            // Names in the page are relative to `docs`, whatever comes before it.
            guard path == "docs" else {
                return Page(status: 308, headers: [("Location", "../docs")], body: ByteBuffer())
            }
            guard ui != nil else { return Self.page(503, "text/html; charset=utf-8", ByteBuffer(string: missing)) }
            return Self.page(200, "text/html; charset=utf-8", ByteBuffer(string: html))
        case "docs/start.js": return Self.page(200, "text/javascript; charset=utf-8", ByteBuffer(string: Self.start))
        default:
            guard path.hasPrefix("docs/"), let file = ui?.file(String(path.dropFirst(5))) else { return nil }
            var page = Self.page(200, file.type, file.content)
            page.headers.append(("Cache-Control", "public, max-age=3600"))
            return page
        }
    }

    private static func page(_ status: Int, _ type: String, _ body: ByteBuffer) -> Page {
        Page(
            status: status,
            headers: [
                ("Content-Type", type), ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"),
                ("Referrer-Policy", "no-referrer"),
            ],
            body: body
        )
    }

    private var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title)</title>
        <link rel="icon" type="image/png" href="docs/favicon-32x32.png">
        <link rel="stylesheet" href="docs/swagger-ui.css">
        </head>
        <body>
        <div id="swagger-ui"></div>
        <script src="docs/swagger-ui-bundle.js"></script>
        <script src="docs/start.js"></script>
        </body>
        </html>

        """
    }

    private var missing: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>\(title)</title></head>
        <body>
        <h1>\(title)</h1>
        <p>Swagger UI is not installed here. Run <code>asterism doctor --install</code> and start this again.
        The description itself is <a href="openapi.json">openapi.json</a>.</p>
        </body>
        </html>

        """
    }

    private var title: String {
        document.title.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    }

    private static let start = """
        window.ui = SwaggerUIBundle({
          url: new URL("openapi.json", document.baseURI).href,
          dom_id: "#swagger-ui",
          deepLinking: true,
          validatorUrl: null,
          queryConfigEnabled: false,
        });

        """
}
