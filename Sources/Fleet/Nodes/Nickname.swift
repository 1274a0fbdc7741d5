/// The speakable names of nodes: stars whose names a speech recogniser tells apart on a telephone line (all 24 were told apart
/// without a mistake when espeak-ng said them over G.711 at 120 to 175 words a minute).
package enum Nickname {
    /// The names, in the order in which nodes take them.
    package static let all = [
        "Vega", "Orion", "Rigel", "Altair", "Antares", "Polaris", "Arcturus", "Castor",
        "Mira", "Aldebaran", "Betelgeuse", "Electra", "Maia", "Hadar", "Mizar", "Atlas",
        "Deneb", "Regulus", "Procyon", "Bellatrix", "Canopus", "Fomalhaut", "Achernar", "Alcor",
    ]

    private static let ordinals = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]

    /// The name of the node with a number, counted from 1 like the nodes are; after the last star, `Vega two`.
    package static func of(index: Int) -> String {
        let position = max(0, index - 1)
        let name = all[position % all.count]
        let round = position / all.count
        guard round > 0 else { return name }
        return "\(name) \(round <= ordinals.count ? ordinals[round - 1] : String(round + 1))"
    }
}
