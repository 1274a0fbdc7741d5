import Access
import Foundation

/// The course of one client's session, without any input or output: what happens goes in, what is to be done comes out.
package struct Session: Sendable {
    /// How a session finds out that its token has ended.
    package enum Recheck: Sendable, Hashable {
        /// The sooner, the shorter the token has to live; a token that cannot be checked is taken for expired.
        case dynamic
        /// At a fixed interval; the auth service being away ends the session as an error of ours.
        case every(Duration)
    }

    /// What the shell is to do.
    package enum Action: Sendable, Hashable {
        case send(String)
        /// Ask the auth service about a token, and come back with ``Session/answered(_:)``.
        case ask(token: String)
        /// Come back with ``Session/recheckIsDue()``.
        case recheck(after: Duration)
        /// From now on events may come.
        case join
        case close(CloseReason)
    }

    /// What a question to the auth service is for.
    private enum Question {
        case opening
        case recheck
        case replacement
    }

    package let version: ProtocolVersion
    private let recheck: Recheck
    private var token: AccessToken?
    private var access = AccessCheck(authID: nil, sessionID: nil, acl: [])
    private var subscriptions: Set<String> = []
    private var isStarted = false
    private var questions: [Question] = []
    private var isClosed = false
    /// What a client sent without waiting for our first frame.
    private var early: [String] = []

    /// More than any client sends before it has been let in; and how much of it, in bytes.
    private static let maximumEarly = (frames: 64, bytes: 64 << 10)

    /// More names than there are events of any kind: a client that subscribes to more has lost its mind.
    package static let maximumSubscriptions = 1000

    /// - Returns: the session, or why there is none.
    package static func open(
        _ opening: SessionOpening,
        recheck: Recheck
    ) -> Result<(session: Session, actions: [Action]), CloseReason> {
        opening.version.flatMap { version in
            guard let token = opening.token else { return .failure(.noToken) }
            var session = Session(version: version, recheck: recheck)
            session.questions = [.opening]
            return .success((session, [.ask(token: token)]))
        }
    }

    private init(version: ProtocolVersion, recheck: Recheck) {
        self.version = version
        self.recheck = recheck
    }

    /// Takes what the auth service says to the oldest question.
    /// - Parameter isBusUp: whether there are events to be had.
    package mutating func answered(
        _ answer: Result<AccessToken, TokenError>,
        isBusUp: Bool,
        now: Date = Date()
    ) -> [Action] {
        guard !isClosed, !questions.isEmpty else { return [] }
        let question = questions.removeFirst()
        switch (question, answer) {
        case (.opening, .failure), (.replacement, .failure): return close(.authenticationFailed)
        case (.recheck, .failure(let error)): return close(expired(error))
        case (.opening, .success(let token)):
            guard !token.metadata.fields.isEmpty else { return close(.internalError) }
            guard isBusUp else { return close(.noBus) }
            take(token)
            let waiting = early
            early = []
            return [.send(ServerFrame.hello(version)), .join, .recheck(after: interval(now))]
                + waiting.flatMap { received($0) }
        case (.recheck, .success(let token)):
            // One that came by `token` meanwhile is not taken back.
            if token.token == self.token?.token { take(token) }
            return [.recheck(after: interval(now))]
        case (.replacement, .success(let token)):
            take(token)
            return version == .two || !isStarted ? [.send(ServerFrame.tokenTaken)] : []
        }
    }

    /// Takes one frame of text.
    package mutating func received(_ text: String) -> [Action] {
        guard !isClosed else { return [] }
        guard token != nil else { return keep(text) }
        let command: ClientCommand
        do {
            command = try ClientCommand(text)
        } catch {
            return close(error)
        }
        switch command {
        case .subscribe(let name):
            guard subscriptions.count < Self.maximumSubscriptions else { return close(.protocolError) }
            subscriptions.insert(name)
            return version == .two || !isStarted ? [.send(ServerFrame.subscribed)] : []
        case .start:
            isStarted = true
            return [.send(ServerFrame.started)]
        case .token(let id):
            questions.append(.replacement)
            return [.ask(token: id)]
        case .ping(let payload): return version == .two ? [.send(ServerFrame.pong(payload))] : []
        }
    }

    /// The time of ``Action/recheck(after:)`` has come.
    package mutating func recheckIsDue() -> [Action] {
        guard !isClosed, let token else { return [] }
        questions.append(.recheck)
        return [.ask(token: token.token)]
    }

    /// Whether the client is to get an event.
    package func wants(_ event: HeardEvent, masterTenant: String?) -> Bool {
        guard isStarted, !isClosed, let token else { return false }
        guard subscriptions.contains(event.name) || subscriptions.contains("*") else { return false }
        guard event.audience.includes(token.metadata, masterTenant: masterTenant) else { return false }
        return access.allows(event.requiredACL)
    }

    /// Ends it.
    package mutating func close(_ reason: CloseReason) -> [Action] {
        guard !isClosed else { return [] }
        isClosed = true
        return [.close(reason)]
    }

    /// Nothing is answered before the first frame of ours, and nothing done for who is not let in.
    private mutating func keep(_ text: String) -> [Action] {
        let bytes = early.reduce(text.utf8.count) { $0 + $1.utf8.count }
        guard early.count < Self.maximumEarly.frames, bytes <= Self.maximumEarly.bytes else {
            return close(.protocolError)
        }
        early.append(text)
        return []
    }

    private mutating func take(_ token: AccessToken) {
        self.token = token
        access = token.accessCheck
    }

    private func interval(_ now: Date) -> Duration {
        switch recheck {
        case .every(let interval): interval
        case .dynamic: token.map { TokenRecheck.interval(of: $0, at: now) } ?? .seconds(15)
        }
    }

    private func expired(_ error: TokenError) -> CloseReason {
        if case .unreachable = error, case .every = recheck { return .internalError }
        return .authenticationExpired
    }
}
