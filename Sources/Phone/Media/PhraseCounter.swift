/// Counts phrases: sound that lasts a little, then a pause.
struct PhraseCounter: Sendable {
    private(set) var count = 0
    private var sounding = 0
    private var quiet = 0

    /// In intervals of 20 ms. Speech pauses between words for less than the silence that ends a phrase.
    private static let shortestPhrase = 15
    private static let longestPause = 35
    /// About -40 dB of full scale.
    private static let threshold = 330.0

    /// Takes what was heard in one interval; nothing heard is silence.
    mutating func add(_ samples: some Collection<Int16>) {
        let energy = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
        let isSound = !samples.isEmpty && energy > Self.threshold * Self.threshold * Double(samples.count)
        if isSound {
            sounding += 1
            quiet = 0
            return
        }
        quiet += 1
        guard quiet == Self.longestPause else { return }
        if sounding >= Self.shortestPhrase { count += 1 }
        sounding = 0
    }
}
