import Engines
import Foundation

/// Renders a node's configuration files, and remembers what it wrote so that only changes are written and reloaded.
struct ConfigurationWriter {
    /// The files that change while Asterisk runs, with the module that reads each, in the order of reloading: an application is
    /// there before a route leads to it.
    static let live: [(file: String, module: String)] = [
        ("ari.conf", "res_ari.so"), ("pjsip.conf", "res_pjsip.so"), ("extensions.conf", "pbx_config.so"),
    ]

    private let templates: ConfigTemplates
    private let directory: URL
    private var written: [String: String] = [:]

    init(templates: ConfigTemplates, directory: URL) {
        self.templates = templates
        self.directory = directory
    }

    /// Takes what an earlier agent wrote for written.
    mutating func recall() {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        for file in files where file.hasSuffix(".conf") {
            written[file] = try? String(contentsOf: directory.appending(path: file), encoding: .utf8)
        }
    }

    /// Writes every file there is a template for.
    mutating func writeAll(_ configuration: NodeConfiguration) throws(EngineError) {
        let folder = templates.directory.appending(path: "asterisk")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let files = names.filter { $0.hasSuffix(".conf.mustache") }.map { String($0.dropLast(".mustache".count)) }
        guard files.contains("asterisk.conf") else {
            throw .template(name: "asterisk/asterisk.conf", problem: "it is not in \(folder.path)")
        }
        for file in files { _ = try write(file, configuration) }
    }

    /// Writes what has changed of the files that can be reloaded.
    /// - Returns: the modules to reload, in order.
    mutating func writeChanges(_ configuration: NodeConfiguration) throws(EngineError) -> [String] {
        var modules: [String] = []
        for (file, module) in Self.live where try write(file, configuration) { modules.append(module) }
        return modules
    }

    private mutating func write(_ file: String, _ configuration: NodeConfiguration) throws(EngineError) -> Bool {
        var text = try templates.render("asterisk/\(file)", configuration.values)
        if file == "modules.conf" {
            text = Self.keepingModules(in: configuration.installation.moduleDirectory, of: text)
        }
        guard written[file] != text else { return false }
        let target = directory.appending(path: file)
        do {
            // Atomic, because a reload may read at any moment.
            try Data(text.utf8).write(to: target, options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: target.path)
        } catch {
            throw .fileSystem(path: target.path, problem: "cannot be written (\(error.localizedDescription))")
        }
        written[file] = text
        return true
    }

    /// Releases and builds differ in their modules; asking for one that is not there would be logged as an error.
    static func keepingModules(in directory: URL, of text: String) -> String {
        let present = Set((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
        return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            guard line.hasPrefix("load") || line.hasPrefix("preload"), let name = line.split(separator: " ").last else {
                return true
            }
            return present.contains(String(name))
        }.joined(separator: "\n")
    }
}
