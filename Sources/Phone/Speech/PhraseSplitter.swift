import Sound

/// Cuts a recording into phrases at its pauses, so that each can be recognised by itself.
enum PhraseSplitter {
    /// Sound begins and ends where 20 ms are louder than about -40 dB of full scale.
    private static let threshold = 330.0
    private static let shortestPhrase = 0.3
    private static let longestPause = 0.6
    private static let margin = 0.25

    /// The phrases with a little silence around each. One that the recording cuts off, at either end, is left out when
    /// `wholeOnly`: half a sentence can only be misunderstood.
    static func phrases(in sound: WAV, wholeOnly: Bool = true) -> [ArraySlice<Int16>] {
        let frame = max(1, sound.sampleRate / 50)
        let loud = stride(from: 0, to: sound.samples.count, by: frame).filter { start in
            let part = sound.samples[start..<min(start + frame, sound.samples.count)]
            return part.reduce(0.0) { $0 + Double($1) * Double($1) } > threshold * threshold * Double(part.count)
        }
        var runs: [Range<Int>] = []
        for start in loud {
            if let last = runs.last, Double(start - last.upperBound) <= longestPause * Double(sound.sampleRate) {
                runs[runs.count - 1] = last.lowerBound..<(start + frame)
            } else {
                runs.append(start..<(start + frame))
            }
        }
        let room = Int(margin * Double(sound.sampleRate))
        return runs.compactMap { run in
            guard Double(run.count) >= shortestPhrase * Double(sound.sampleRate) else { return nil }
            if wholeOnly, run.upperBound + frame >= sound.samples.count { return nil }
            return sound.samples[max(0, run.lowerBound - room)..<min(sound.samples.count, run.upperBound + room)]
        }
    }
}
