import Engines
import Foundation

/// Kamailio's script of one run, on disk: rendered once, checked by Kamailio itself, never written again.
struct KamailioScript: Sendable {
    let path: String
    /// Whether the very same script was there, so that a Kamailio of an earlier run works by it.
    let isAsBefore: Bool

    /// Renders and writes the script; it holds secrets, so only the owner may read it.
    init(
        templates: ConfigTemplates,
        settings: EdgeSettings,
        rpcSecret: String,
        topologyKey: String,
        dispatcherList: String
    ) throws {
        var values: [String: Any] = [
            "sipAddress": Self.bracketed(settings.sipAddress),
            "sipPort": settings.sipPort,
            "rpcPort": settings.rpcPort,
            "rpcSecret": rpcSecret,
            "fleetSecret": settings.fleetSecret,
            "topologyKey": topologyKey,
            "dispatcherList": dispatcherList,
            "realm": settings.realm,
            "algorithm": settings.balancing.algorithm,
            "callLoad": settings.balancing == .callLoad,
            "greetingNumber": settings.greetingNumber,
            "workers": settings.workers,
            "nodeTimeout": Int(settings.nodeTimeout / .milliseconds(1)),
            "pingInterval": max(1, Int(settings.probeInterval / .seconds(1))),
            "failureLimit": settings.failureLimit,
            "logLevel": settings.logLevel,
        ]
        if let address = settings.listenAddress { values["listenAddress"] = Self.bracketed(address) }
        if let address = settings.advertisedAddress { values["advertisedAddress"] = Self.bracketed(address) }
        if settings.floodLimit > 0 { values["floodLimit"] = settings.floodLimit }
        path = settings.directory.appending(path: "kamailio.cfg").path
        let text = try templates.render("kamailio/kamailio.cfg", values)
        isAsBefore = (try? String(contentsOfFile: path, encoding: .utf8)) == text
        if !isAsBefore { try PrivateFile.write(text, to: path) }
    }

    private static func bracketed(_ address: String) -> String { address.contains(":") ? "[\(address)]" : address }

    /// Has Kamailio read the script without running it.
    /// - Throws: ``EdgeError/scriptRejected(path:complaints:)`` with what it says.
    func check(kamailio: String) async throws {
        do {
            try await Command.run(kamailio, ["-c", "-E", "-f", path])
        } catch {
            guard case .commandFailed(_, _, let output) = error else { throw error }
            let lines = output.split(separator: "\n").map(String.init)
            let complaints = lines.filter { $0.contains("ERROR") || $0.contains("CRITICAL") }
            throw EdgeError.scriptRejected(path: path, complaints: complaints.isEmpty ? lines : complaints)
        }
    }
}

/// Files that only we may read.
enum PrivateFile {
    /// Replaces a file as a whole, so that a reader sees the old text or the new one.
    static func write(_ text: String, to path: String) throws(EdgeError) {
        let temporary = path + ".new"
        let created = FileManager.default.createFile(
            atPath: temporary,
            contents: Data(text.utf8),
            attributes: [.posixPermissions: 0o600]
        )
        guard created, rename(temporary, path) == 0 else {
            throw .fileSystem(path: path, problem: "cannot be written; is the disk full, or the folder gone?")
        }
    }
}
