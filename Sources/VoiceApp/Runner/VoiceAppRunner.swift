import ARI
import Logging
import ServiceLifecycle

/// Runs an application: receives its events, from one Asterisk or from a fleet's gateway, and gives each call a task.
///
/// When the connection breaks, calls go on; when it is back, those that ended meanwhile end, and those that came begin.
public struct VoiceAppRunner: Service {
    private let app: any VoiceApp
    private let client: ARIClient
    private let shutdown: ShutdownPolicy
    private let context: CallContext
    private let logger: Logger

    private var board: CallBoard { context.board }

    /// - Parameters:
    ///   - gateway: ARI's base URL, such as `http://127.0.0.1:8088/ari`.
    ///   - sounds: serves what ``Call/say(_:)`` says; must run too. May be shared by several runners.
    ///   - maxCalls: at one time; more are turned away as congestion.
    public init(
        _ app: any VoiceApp,
        gateway: String,
        user: String,
        password: String,
        sounds: SoundServer? = nil,
        shutdown: ShutdownPolicy = .hangUp(after: .seconds(5)),
        maxCalls: Int = 1000,
        logger: Logger = Logger(label: "asterism.app")
    ) {
        var logger = logger
        logger[metadataKey: "app"] = "\(app.name)"
        self.app = app
        self.shutdown = shutdown
        self.logger = logger
        client = ARIClient(baseURL: gateway, user: user, password: password)
        context = CallContext(
            application: app.name,
            client: client,
            board: CallBoard(router: EventRouter(application: app.name, limit: maxCalls)),
            sounds: sounds,
            logger: logger
        )
    }

    /// Attends to calls until a graceful shutdown or cancellation.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await receive() }
            group.addTask { await windDown() }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Follows the feed, with a child task for each call.
    private func receive() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            do {
                try await client.followEvents(of: [app.name]) { feed in
                    if case .connected = feed { group.addTask { await Call.removeEmptyRooms(client) } }
                    for task in await tasks(after: feed) { group.addTask { await perform(task) } }
                }
            } catch is CancellationError {}
        }
    }

    private func windDown() async {
        do {
            try await gracefulShutdown()
        } catch {
            return
        }
        board.close()
        if case .hangUp(let grace) = shutdown { await board.waitUntilEmpty(atMost: grace) }
    }

    private func tasks(after feed: EventFeed) async -> [CallBoard.Task] {
        switch feed {
        case .event(let event): return board.receive(event, context).map { [$0] } ?? []
        case .connected:
            logger.info("connected")
            do {
                return board.resynchronise(try await client.channels.list(), context)
            } catch {
                logger.warning("cannot list the calls; those missed while disconnected stay unknown", error: error)
                return []
            }
        case .disconnected(let reason):
            if !Task.isCancelled { logger.warning("disconnected", metadata: ["reason": "\(reason)"]) }
            return []
        }
    }

    private func perform(_ task: CallBoard.Task) async {
        switch task {
        case .attend(let call): await attend(call)
        case .refuse(let channel):
            logger.notice("call turned away", metadata: ["call": "\(channel)"])
            try? await client.channels.hangup(channel, reason: .congestion)
        case .dropLeg(let channel): try? await client.channels.hangup(channel)
        }
    }

    private func attend(_ call: Call) async {
        call.logger.info("call", metadata: ["from": "\(call.caller.number)", "to": "\(call.dialled)"])
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await app.onCall(call) }
                group.addTask { await call.ended() }
                try await group.next()
                group.cancelAll()
            }
        } catch CallError.hungUp {
            // The usual end of a call.
        } catch is CancellationError {
        } catch {
            call.logger.error("the application failed", error: error)
        }
        if !call.isEnded, !(Task.isCancelled && shutdown == .leave) {
            await call.afterwards { try await $0.channels.hangup(call.id) }
        }
        call.logger.info("call over")
    }
}
