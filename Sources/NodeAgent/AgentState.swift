import Engines
import Foundation
import Registry

/// What an agent writes down for the next one beside the same Asterisk, should it be killed.
struct AgentState: Codable, Hashable {
    var name: String
    var id: String
    /// Where this Asterisk listens, which no reload changes.
    var sip: HostPort
    var ari: HostPort
    var ami: HostPort
    var ariCredentials: Credentials
    var amiCredentials: Credentials
    /// Where Asterisk dials for events; nil when the agent dials.
    var link: NodeConfiguration.LinkTarget?
    /// Which run of Asterisk it is.
    var incarnation: String
    var asterisk: ProcessIdentity
    /// What the agent counted events from.
    var sequenceBase: UInt64

    /// What was written for this node, unless there is nothing, or it is of no use with these settings.
    static func read(for settings: NodeSettings) -> AgentState? {
        guard let data = try? Data(contentsOf: file(in: settings.directory)),
            let state = try? JSONDecoder().decode(AgentState.self, from: data), state.fits(settings)
        else { return nil }
        return state
    }

    private func fits(_ settings: NodeSettings) -> Bool {
        name == settings.name && id == settings.id && [sip, ari, ami] == [settings.sip, settings.ari, settings.ami]
    }

    /// Replaces the file as a whole; secrets are in it.
    func write(in directory: URL) throws(EngineError) {
        let file = Self.file(in: directory)
        do {
            try JSONEncoder().encode(self).write(to: file, options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        } catch {
            throw .fileSystem(path: file.path, problem: "cannot be written (\(error.localizedDescription))")
        }
    }

    private static func file(in directory: URL) -> URL { directory.appending(path: "agent.json") }
}
