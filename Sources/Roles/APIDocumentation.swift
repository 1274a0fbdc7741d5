import Engines
import Foundation
import Logging
import WebAPI

/// The descriptions of the HTTP APIs (`config/openapi/`) and Swagger UI, as they are on this machine.
package struct APIDocumentation: Sendable {
    private static let names = ["gateway", "fleet", "applicationd", "auth"]

    private let documents: [String: DocumentPages]

    /// Reads them once. What is not there is not served, and the log says what to do.
    /// - Parameters:
    ///   - configDirectory: the folder with `openapi/`, if one is named.
    ///   - stateDirectory: below it, `asterism doctor --install` puts Swagger UI.
    package init(configDirectory: String?, stateDirectory: URL, logger: Logger) {
        let engines = stateDirectory.appending(path: "engines")
        let ui = SwaggerInstallation.find(engines: engines).flatMap { SwaggerUI(folder: $0.files) }
        var documents: [String: DocumentPages] = [:]
        do {
            let folder = try ConfigTemplates.locate(explicit: configDirectory).directory.appending(path: "openapi")
            for name in Self.names {
                let file = folder.appending(path: "\(name).json")
                documents[name] = DocumentPages(document: try OpenAPIDocument(contentsOf: file), ui: ui)
            }
        } catch {
            logger.warning("not every API's description is served", metadata: ["error": "\(error)"])
        }
        self.documents = documents
    }

    /// `/openapi.json` and `/docs` of one API: `gateway`, `fleet`, `applicationd` or `auth`.
    package func pages(_ name: String) -> DocumentPages? { documents[name] }
}
