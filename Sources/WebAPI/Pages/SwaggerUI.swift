import Foundation
import NIOCore

/// The files of Swagger UI that a browser needs, read once.
package struct SwaggerUI: Sendable {
    /// File name and media type of what is served.
    private static let types = [
        "swagger-ui.css": "text/css; charset=utf-8",
        "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
        "favicon-32x32.png": "image/png",
    ]

    private let files: [String: ByteBuffer]

    /// - Parameter folder: the `dist` folder of Swagger UI, where `asterism doctor --install` puts it.
    /// - Returns: nil when it is not there.
    package init?(folder: URL) {
        var files: [String: ByteBuffer] = [:]
        for name in Self.types.keys {
            guard let data = try? Data(contentsOf: folder.appending(path: name)) else { return nil }
            files[name] = ByteBuffer(bytes: data)
        }
        self.files = files
    }

    func file(_ name: String) -> (type: String, content: ByteBuffer)? {
        guard let content = files[name], let type = Self.types[name] else { return nil }
        return (type, content)
    }
}
