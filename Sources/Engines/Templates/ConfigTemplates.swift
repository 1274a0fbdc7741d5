import Foundation
import Mustache

/// The readable templates of the engines' configuration files (`config/` in the source tree).
package struct ConfigTemplates: Sendable {
    /// The folder that holds `asterisk/` and `kamailio/`.
    package let directory: URL

    package init(directory: URL) {
        self.directory = directory
    }

    /// Finds the templates: the folder named explicitly or by `ASTERISM_CONFIG_DIR`, else `config` in a folder above the
    /// executable (a source tree), else `<prefix>/share/asterism/config` (an installation).
    package static func locate(explicit: String?) throws(EngineError) -> ConfigTemplates {
        let named = explicit ?? ProcessInfo.processInfo.environment["ASTERISM_CONFIG_DIR"]
        if let named {
            guard isTemplateFolder(URL(filePath: named)) else { throw .templatesNotFound(searched: [named]) }
            return ConfigTemplates(directory: URL(filePath: named))
        }
        let candidates = candidates(executable: executable)
        guard let found = candidates.first(where: isTemplateFolder) else {
            throw .templatesNotFound(searched: candidates.map(\.path))
        }
        return ConfigTemplates(directory: found)
    }

    /// Renders one template as plain text.
    /// - Parameters:
    ///   - name: path below ``directory`` without the extension, such as `kamailio/kamailio.cfg`.
    ///   - values: what the template's tags stand for.
    package func render(_ name: String, _ values: [String: Any]) throws(EngineError) -> String {
        let file = directory.appending(path: name + ".mustache")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            throw .template(name: name, problem: "\(file.path) cannot be read")
        }
        do {
            // Without the pragma values would be escaped as for HTML.
            return try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + text).render(values)
        } catch let error as MustacheTemplate.ParserError {
            throw .template(name: name, problem: "line \(error.context.lineNumber): \(error.error)")
        } catch {
            throw .template(name: name, problem: "\(error)")
        }
    }

    static func candidates(executable: URL) -> [URL] {
        var found: [URL] = []
        var folder = executable.deletingLastPathComponent()
        while folder.path != "/", found.count < 32 {
            found.append(folder.appending(path: "config"))
            folder.deleteLastPathComponent()
        }
        let prefix = executable.deletingLastPathComponent().deletingLastPathComponent()
        return found + [prefix.appending(path: "share/asterism/config")]
    }

    private static var executable: URL {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: link ?? CommandLine.arguments.first ?? "/").standardizedFileURL
    }

    private static func isTemplateFolder(_ folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: "kamailio").path)
            || FileManager.default.fileExists(atPath: folder.appending(path: "asterisk").path)
    }
}
