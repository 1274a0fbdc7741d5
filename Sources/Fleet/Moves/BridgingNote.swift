import Foundation

/// How a channel was put into its bridge, where not plainly. It is noted in a variable of the channel itself, so that whichever gateway
/// moves its call puts the new channel in alike.
package struct BridgingNote: Codable, Sendable, Hashable {
    /// The variable of the channel.
    package static let variable = "ASTERISM_BRIDGED"

    /// The bridge of which it tells.
    var bridge: String
    /// `role`, `absorbDTMF`, `mute`, as the client wrote them.
    var options: [String: String]

    package init(bridge: String, options: [String: String]) {
        self.bridge = bridge
        self.options = options
    }

    /// What is noted.
    package var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// What a note says of a bridge: nothing where it tells of another, or cannot be read.
    package static func options(in text: String, for bridge: String) -> [String: String] {
        guard let note = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)), note.bridge == bridge else {
            return [:]
        }
        return note.options
    }
}
