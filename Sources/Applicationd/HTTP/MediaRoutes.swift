import Access
import HTTPTypes
import Hummingbird
import WebAPI

/// Playbacks, recordings and snoops.
struct MediaRoutes: Sendable {
    private static let call = ApplicationRoutes.path + "/calls/:call_id"

    let desk: Desk
    let tokens: (any TokenChecking)?

    func add(to router: Router<WebContext>) {
        addPlaybacks(to: router)
        addRecordings(to: router)
        addSnoops(to: router)
    }

    private func addPlaybacks(to router: Router<WebContext>) {
        route("calls.{call_id}.playbacks.create", router).post(.init(Self.call + "/playbacks")) { request, context in
            let (call, application) = try (context.call, context.application)
            let wish = try await request.json(PlaybackRequest.self, context)
            guard MediaURI.isPlayable(wish.uri) else { throw WebError.noSuchMedia(wish.uri) }
            return try await JSONBody.answer(desk.play(wish, to: call, of: application))
        }
        let path = ApplicationRoutes.path + "/playbacks/:playback_uuid"
        route("playbacks.{playback_uuid}.delete", router).delete(.init(path)) { _, context in
            try await desk.stop(playback: context.parameter("playback_uuid"), of: context.application)
            return Response(status: .noContent)
        }
    }

    private func addRecordings(to router: Router<WebContext>) {
        route("calls.{call_id}.recordings.create", router).post(.init(Self.call + "/recordings")) { request, context in
            let (call, application) = try (context.call, context.application)
            let wish = try await request.json(RecordingRequest.self, context, empty: RecordingRequest())
            return try await JSONBody.answer(desk.record(wish, of: call, of: application), status: .created)
        }
        let path = ApplicationRoutes.path + "/recordings/:recording_uuid"
        route("recordings.{recording_uuid}.stop.update", router).put(.init(path + "/stop")) { _, context in
            let recording = try context.parameter("recording_uuid")
            try await desk.stop(recording: recording, isKept: true, of: context.application)
            return Response(status: .noContent)
        }
        route("recordings.{recording_uuid}.delete", router).delete(.init(path)) { _, context in
            let recording = try context.parameter("recording_uuid")
            try await desk.stop(recording: recording, isKept: false, of: context.application)
            return Response(status: .noContent)
        }
    }

    private func addSnoops(to router: Router<WebContext>) {
        route("calls.{call_id}.snoops.create", router).post(.init(Self.call + "/snoops")) { request, context in
            let (call, application) = try (context.call, context.application)
            let wish = try await request.json(SnoopRequest.self, context)
            return try await JSONBody.answer(desk.snoop(wish, on: call, of: application), status: .created)
        }
        let list = ApplicationRoutes.path + "/snoops"
        let one = list + "/:snoop_uuid"
        route("snoops.read", router).get(.init(list)) { _, context in
            try await JSONBody.answer(["items": desk.snoops(of: context.application)])
        }
        route("snoops.{snoop_uuid}.read", router).get(.init(one)) { _, context in
            try await JSONBody.answer(desk.snoop(context.parameter("snoop_uuid"), of: context.application))
        }
        route("snoops.{snoop_uuid}.update", router).put(.init(one)) { request, context in
            let (snoop, application) = try (context.parameter("snoop_uuid"), context.application)
            let wish = try await request.json(SnoopUpdate.self, context)
            try await desk.update(snoop: snoop, to: wish.whisperMode, of: application)
            return Response(status: .noContent)
        }
        route("snoops.{snoop_uuid}.delete", router).delete(.init(one)) { _, context in
            try await desk.delete(snoop: context.parameter("snoop_uuid"), of: context.application)
            return Response(status: .noContent)
        }
    }

    private func route(_ scope: String, _ router: Router<WebContext>) -> RouterGroup<WebContext> {
        router.requiring(ScopePattern("applicationd.applications.{application_uuid}.\(scope)"), from: tokens)
    }
}

/// What Asterisk can play.
enum MediaURI {
    private static let schemes: Set<Substring> = ["sound", "recording", "number", "digits", "characters", "tone"]

    static func isPlayable(_ uri: String) -> Bool {
        guard let colon = uri.firstIndex(of: ":") else { return false }
        return schemes.contains(uri[..<colon]) && uri.index(after: colon) < uri.endIndex
    }
}
