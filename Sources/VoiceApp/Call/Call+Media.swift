import ARI
import Foundation

/// Sound, to and fro.
extension Call {
    /// Plays, and returns when it has been heard. Cancelling stops it.
    /// - Throws: ``CallError/playbackFailed(_:)``.
    public func play(_ media: Media) async throws {
        let playback = UUID().uuidString.lowercased()
        try await waiting(for: .playback(playback)) { reports in
            do {
                try await request { client in
                    try await client.channels.playWithID(id, playbackID: playback, media: [media.uri])
                }
                while true {
                    switch try await report(from: reports) {
                    case .notice(.playbackFinished(_, let failed)):
                        if failed { throw failure(.playbackFailed(media)) }
                        return
                    case .maybeMissed:
                        if try await !request({ try await $0.exists("playbacks", playback) }) { return }
                    default: continue
                    }
                }
            } catch {
                if !isEnded { await afterwards { try await $0.playbacks.stop(playback) } }
                throw error
            }
        }
    }

    /// Says a text, and returns when it has been heard.
    /// - Throws: ``SpeechError``, or as ``play(_:)``.
    public func say(_ text: String) async throws { try await play(speech(text)) }

    /// A text as media, to be played once or often.
    /// - Throws: ``SpeechError``, ``CallError/noSpeech``.
    public func speech(_ text: String) async throws -> Media {
        guard let sounds = context.sounds else { throw CallError.noSpeech }
        if isEnded { throw CallError.hungUp }
        return try await sounds.media(saying: text)
    }

    /// Records the caller, and returns when that is over. Cancelling ends it and keeps what there is.
    /// - Parameters:
    ///   - name: nil for a new one. The recording stays on the node that has the call.
    ///   - maxDuration: at most this long.
    ///   - maxSilence: ends after so much silence; nil for never.
    ///   - terminator: `*` or `#`, which ends it; nil for none.
    ///   - beep: whether the caller hears one first.
    /// - Throws: ``CallError/recordingFailed(_:cause:)``.
    public func record(
        name: String? = nil,
        maxDuration: Duration = .seconds(60),
        maxSilence: Duration? = .seconds(5),
        terminator: Character? = "#",
        beep: Bool = true
    ) async throws -> Recording {
        let name = name ?? "recording-\(UUID().uuidString.lowercased())"
        guard let end = ARIClient.RecordingTerminator(rawValue: terminator.map(String.init) ?? "none") else {
            throw CallError.recordingFailed(name, cause: "only * and # can end one")
        }
        return try await waiting(for: .recording(name)) { reports in
            do {
                try await request { client in
                    try await client.channels.record(
                        id,
                        name: name,
                        format: "wav",
                        maxDurationSeconds: Int(maxDuration.components.seconds),
                        maxSilenceSeconds: Int(maxSilence?.components.seconds ?? 0),
                        beep: beep,
                        terminateOn: end
                    )
                }
                while true {
                    switch try await report(from: reports) {
                    case .notice(.recordingFinished(_, let seconds)):
                        return Recording(name: name, duration: .seconds(seconds))
                    case .notice(.recordingFailed(_, let cause)):
                        throw failure(.recordingFailed(name, cause: cause))
                    case .maybeMissed:
                        let isRunning = try await request { try await $0.exists("recordings", "live", name) }
                        if !isRunning { return Recording(name: name, duration: nil) }
                    default: continue
                    }
                }
            } catch {
                if !isEnded { await afterwards { try await $0.recordings.stop(name) } }
                throw error
            }
        }
    }

    /// Plays music until ``stopMusic()``; nil is the node's default class.
    public func startMusic(_ musicClass: String? = nil) async throws {
        try await request { try await $0.channels.startMoh(id, mohClass: musicClass) }
    }

    /// Ends what ``startMusic(_:)`` began.
    public func stopMusic() async throws {
        try await request { try await $0.channels.stopMoh(id) }
    }

    /// Puts the caller's phone on hold.
    public func hold() async throws { try await request { try await $0.channels.hold(id) } }

    /// Ends what ``hold()`` began.
    public func resume() async throws { try await request { try await $0.channels.unhold(id) } }
}

/// A stored recording.
public struct Recording: Sendable, Hashable {
    /// Unique on its node.
    public var name: String
    /// Nil when its end went unnoticed because the connection to the gateway was down.
    public var duration: Duration?
    /// To play it, on the node that has it.
    public var media: Media { .recording(name) }
}
