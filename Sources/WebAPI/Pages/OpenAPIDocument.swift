import ARI
import Foundation

/// The description of an API (OpenAPI 3.1), one of the files in `config/openapi/`: what is served, and what there is to ask for.
package struct OpenAPIDocument: Sendable {
    /// The file as it is.
    package let data: Data
    package let title: String
    private let paths: [Path]

    private struct Path: Sendable {
        /// nil stands for any one value.
        var segments: [Substring?]
        var methods: [String]
    }

    /// - Throws: ``OpenAPIDocumentError``.
    package init(contentsOf file: URL) throws(OpenAPIDocumentError) {
        do {
            try self.init(Data(contentsOf: file))
        } catch {
            throw OpenAPIDocumentError(file: file.path, problem: "\(error)")
        }
    }

    init(_ data: Data) throws {
        let content = try JSONDecoder().decode(Content.self, from: data)
        self.data = data
        title = content.info.title
        paths = content.paths.map { path, operations in
            let methods = operations.names.map { $0.uppercased() }.filter(Self.methodNames.contains)
            return Path(
                segments: path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
                    segment.hasPrefix("{") ? nil : segment
                },
                methods: methods.sorted()
            )
        }
    }

    /// The content of the file.
    package var json: JSONValue? { try? JSONDecoder().decode(JSONValue.self, from: data) }

    /// The methods that a path has; none when there is no such path.
    package func methods(of path: String) -> [String] {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        let matches = paths.filter { known in
            known.segments.count == segments.count
                && zip(known.segments, segments).allSatisfy { $0 == nil ? !$1.isEmpty : $0 == $1 }
        }
        return Set(matches.flatMap(\.methods)).sorted()
    }

    /// The file for a client that reaches the API below another path.
    /// - Parameter scriptName: what a proxy says it put before our paths; empty without one.
    func served(below scriptName: String) -> Data {
        guard !scriptName.isEmpty, var content = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { return data }
        content["servers"] = [["url": scriptName]]
        return (try? JSONSerialization.data(withJSONObject: content, options: [.withoutEscapingSlashes])) ?? data
    }

    private static let methodNames: Set = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]

    private struct Content: Decodable {
        struct Info: Decodable { var title: String }
        var info: Info
        var paths: [String: Operations]
    }

    /// Only the names of the operations matter.
    private struct Operations: Decodable {
        var names: [String]

        struct Name: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            names = try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue)
        }
    }
}

/// Why the description of an API cannot be served.
package struct OpenAPIDocumentError: Error, Sendable, CustomStringConvertible {
    package var file: String
    package var problem: String

    package var description: String {
        "\(file) is no OpenAPI document (\(problem)); take it from the source tree's config/openapi"
    }
}
