import ARI
import Fleet
import Logging
import NIOHTTP1

/// What a channel has that no event tells in full, and that its call takes along when it moves.
struct CarriedState: Sendable {
    /// Bytes of names and values that are taken along: a node takes 40,960 of a request's body.
    private static let maxBytes = 24 << 10

    /// Name -> value; the notes of treatments are among them, so that the next move finds them.
    private(set) var variables: [String: String] = [:]

    /// Asks the node for it.
    /// - Parameter names: the variables that the channel is known to have.
    init(of channel: String, named names: Set<String>, on node: ARIClient, logger: Logger) async {
        func read(_ name: String) async -> String? {
            try? await node.channels.getChannelVar(channel, variable: OwnVariables.plain(name)).value
        }
        for treatment in ChannelTreatment.allCases {
            guard let note = await read(treatment.rawValue), !note.isEmpty else { continue }
            variables[treatment.rawValue] = note
        }
        var bytes = 0
        for name in names.sorted() {
            guard let value = await read(name) else { continue }
            bytes += name.utf8.count + value.utf8.count
            guard bytes <= Self.maxBytes else {
                logger.warning(
                    "a call that moves leaves variables behind: there are too many",
                    metadata: ["channel": "\(channel)", "first": "\(name)"]
                )
                return
            }
            variables[name] = value
        }
    }

    /// Has another channel treated as this one was. Done before it enters a bridge: nobody hears who is muted.
    func treat(_ channel: String, on node: ARIClient, logger: Logger) async {
        for treatment in ChannelTreatment.allCases {
            guard let (path, query) = variables[treatment.rawValue].flatMap(treatment.request) else { continue }
            do throws(ARIError) {
                try await node.request(.POST, ["channels", channel, path], query: query)
            } catch {
                logger.warning(
                    "a moved call is not treated as it was",
                    metadata: ["channel": "\(channel)", "missing": "\(path)", "error": "\(error)"]
                )
            }
        }
    }
}
