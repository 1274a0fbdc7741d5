import ARI
import Foundation
import HTTPTypes
import WebAPI

/// Playbacks and recordings.
extension Desk {
    func play(_ wish: PlaybackRequest, to call: String, of application: String) async throws(WebError) -> CallPlayback {
        try await requireCall(call, of: application)
        do throws(ARIError) {
            return CallPlayback(
                try await client.channels.playWithID(
                    call,
                    playbackID: UUID().uuidString.lowercased(),
                    media: [wish.uri],
                    lang: wish.language
                )
            )
        } catch {
            if error.status == 400 { throw .noSuchMedia(wish.uri) }
            throw WebError(error, missing: .noSuchCall(call))
        }
    }

    func stop(playback: String, of application: String) async throws(WebError) {
        try await requireApplication(application)
        let missing = WebError.noSuch("playback", playback)
        let known = try await ask(missing: missing) { client async throws(ARIError) in
            try await client.playbacks.get(playback)
        }
        try await requireTarget(known.targetURI, of: application, missing)
        try await ask(missing: missing) { client async throws(ARIError) in try await client.playbacks.stop(playback) }
    }

    func record(_ wish: RecordingRequest, of call: String, of application: String) async throws(WebError)
        -> CallRecording
    {
        try await requireCall(call, of: application)
        let bridges = try await ask(missing: .noSuchCall(call)) { client async throws(ARIError) in
            try await client.bridges.list()
        }
        // Asterisk takes the request and records nothing.
        guard !bridges.contains(where: { $0.channels.contains(call) }) else {
            throw .api(
                .conflict,
                "call-in-wrong-state",
                "The call \(call) is in a node or a snoop, where it cannot be recorded; take it out first",
                details: ["call_id": call],
                resource: "recordings"
            )
        }
        let recording = try await ask(missing: .noSuchCall(call)) { client async throws(ARIError) in
            try await client.channels.record(
                call,
                name: UUID().uuidString.lowercased(),
                format: wish.format,
                maxDurationSeconds: wish.maxDuration,
                maxSilenceSeconds: wish.maxSilence,
                beep: wish.beep,
                terminateOn: wish.terminateOn
            )
        }
        return CallRecording(recording, call: call)
    }

    /// - Parameter isKept: whether what has been recorded is stored.
    func stop(recording: String, isKept: Bool, of application: String) async throws(WebError) {
        try await requireApplication(application)
        let missing = WebError.noSuch("recording", recording)
        let known = try await ask(missing: missing) { client async throws(ARIError) in
            try await client.recordings.getLive(recording)
        }
        try await requireTarget(known.targetURI, of: application, missing)
        try await ask(missing: missing) { client async throws(ARIError) in
            if isKept {
                try await client.recordings.stop(recording)
            } else {
                try await client.recordings.cancel(recording)
            }
        }
    }

    /// What belongs to no call of the application does not exist for its clients.
    private func requireTarget(_ target: String, of application: String, _ missing: WebError) async throws(WebError) {
        guard target.hasPrefix("channel:") else { throw missing }
        do throws(WebError) {
            try await requireCall(String(target.dropFirst("channel:".count)), of: application)
        } catch {
            throw error.status == .notFound ? missing : error
        }
    }
}

extension WebError {
    static func noSuchMedia(_ uri: String) -> WebError {
        .api(
            .badRequest,
            "no-such-media",
            "\(uri) cannot be played; it begins with sound:, recording:, number:, digits:, characters: or tone:",
            details: ["uri": uri],
            resource: "playbacks"
        )
    }
}
