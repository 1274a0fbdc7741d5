import Foundation

/// What only Kamailio and its agent know. An agent that takes a running Kamailio over must know it as well, so it is kept in a file.
struct KamailioSecrets: Codable, Sendable, Hashable {
    /// The way into the RPC.
    var rpc = Self.randomHex(32)
    /// What hidden addresses are masked with; phones hand them back within a dialog.
    var topologyKey = Self.randomHex(16)

    /// What an earlier agent wrote, or new ones.
    static func read(in directory: URL) -> KamailioSecrets {
        guard let data = try? Data(contentsOf: URL(filePath: path(in: directory))),
            let secrets = try? JSONDecoder().decode(KamailioSecrets.self, from: data)
        else { return KamailioSecrets() }
        return secrets
    }

    func write(in directory: URL) throws {
        let text = String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
        try PrivateFile.write(text, to: Self.path(in: directory))
    }

    private static func path(in directory: URL) -> String { directory.appending(path: "edge.json").path }

    private static func randomHex(_ bytes: Int) -> String {
        (0..<bytes).map { _ in String(Int.random(in: 0...255) | 0x100, radix: 16).suffix(2) }.joined()
    }
}
