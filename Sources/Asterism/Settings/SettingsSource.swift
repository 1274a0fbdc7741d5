import ArgumentParser
import Configuration
import Foundation
import SystemPackage

/// Where a setting comes from when no flag gives it: the environment (`ASTERISM_SIP_PORT`), then a YAML file (`sip-port`).
struct SettingsSource {
    private let environment: ConfigReader
    private let file: ConfigReader?
    private let filePath: String

    /// - Parameter path: the file that a flag named; else `ASTERISM_CONFIG`, else `/etc/asterism/asterism.yaml` where that exists.
    init(file path: String?) async throws {
        environment = ConfigReader(provider: EnvironmentVariablesProvider().prefixKeys(with: "asterism"))
        let named = path ?? environment.string(forKey: "config")
        filePath = named ?? "/etc/asterism/asterism.yaml"
        guard named != nil || FileManager.default.fileExists(atPath: filePath) else {
            file = nil
            return
        }
        do {
            file = ConfigReader(provider: try await FileProvider<YAMLSnapshot>(filePath: FilePath(filePath)))
        } catch {
            throw ValidationError("the settings file \(filePath) cannot be read: \(error)")
        }
    }

    func string(_ key: String) -> String? {
        let name = ConfigKey(stringLiteral: key)
        // In YAML a number needs no quotes.
        return environment.string(forKey: name) ?? file?.string(forKey: name)
            ?? file?.int(forKey: name).map(String.init)
    }

    /// - Throws: when the text given is not a value of this type.
    func value<Value: ExpressibleByArgument>(_ key: String, as type: Value.Type = Value.self) throws -> Value? {
        guard let text = string(key) else { return nil }
        guard let value = Value(argument: text) else {
            let variable = "ASTERISM_" + key.uppercased().replacingOccurrences(of: "-", with: "_")
            throw ValidationError("\(variable) (or \(key) in \(filePath)) is '\(text)', which is not a valid value")
        }
        return value
    }
}
