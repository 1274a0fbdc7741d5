import Engines
import Foundation

/// Kamailio's script of one run, on disk: rendered once, checked by Kamailio itself, never written again.
struct KamailioScript: Sendable {
    let path: String

    /// Renders and writes the script; it holds secrets, so only the owner may read it.
    init(
        templates: ConfigTemplates,
        settings: EdgeSettings,
        rpcSecret: String,
        topologyKey: String,
        dispatcherList: String
    ) throws {
        var values: [String: Any] = [
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
        if let address = settings.listenAddress {
            values["listenAddress"] = address.contains(":") ? "[\(address)]" : address
        }
        if settings.floodLimit > 0 { values["floodLimit"] = settings.floodLimit }
        path = settings.directory.appending(path: "kamailio.cfg").path
        try PrivateFile.write(templates.render("kamailio/kamailio.cfg", values), to: path)
    }

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
