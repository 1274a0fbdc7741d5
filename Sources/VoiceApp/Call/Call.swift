import ARI
import Logging
import Synchronization

/// A call that reached the application, and what can be done with it.
///
/// Operations return when they are over: ``play(_:)`` when the sound has been heard, ``join(conference:)`` when the caller has left the
/// room. Cancelling the task cancels the operation: a sound stops, a phone stops ringing. Once the caller has gone they throw
/// ``CallError/hungUp``.
public final class Call: Sendable, Identifiable {
    /// Name and number of somebody.
    public struct Party: Sendable, Hashable {
        /// Empty when it is not known.
        public var name: String
        /// Empty when it is withheld.
        public var number: String
    }

    private struct State {
        var mailboxes: [Subject: Mailbox<Report>] = [:]
        var isLeaving = false
        var isEnded = false
    }

    /// Asterisk's channel id.
    public let id: String
    /// Who calls.
    public let caller: Party
    /// The number that was dialled.
    public let dialled: String
    /// Arguments that the route or the dialplan gave to the application.
    public let arguments: [String]
    /// The name of the node that has the call; `asterisk` when it has no system name.
    public let node: String
    /// For the application's own messages; carries the call's id.
    public let logger: Logger

    let context: CallContext
    let tones = Mailbox<Character>(capacity: 64)
    private let state = Mutex(State())
    private let ending = Mailbox<Never>(capacity: 1)

    init(_ channel: Channel, arguments: [String], context: CallContext) {
        id = channel.id
        caller = Party(name: channel.caller.name, number: channel.caller.number)
        dialled = channel.dialplan.exten
        self.arguments = arguments
        node = NodeName.ofChannel(channel.id) ?? "asterisk"
        var logger = context.logger
        logger[metadataKey: "call"] = "\(channel.id)"
        self.logger = logger
        self.context = context
    }

    /// Whether the caller has gone.
    public var isEnded: Bool { state.withLock { $0.isEnded } }

    /// Takes up the call: until then the caller hears ringing, and pays nothing.
    public func answer() async throws { try await request { try await $0.channels.answer(id) } }

    /// Ends the call. One that has ended already is no error.
    public func hangUp(_ reason: HangupReason = .normal) async throws {
        do {
            try await request { try await $0.channels.hangup(id, reason: reason) }
        } catch CallError.hungUp {}
    }

    /// Returns when the caller has gone, or the task is cancelled.
    public func ended() async { _ = await ending.next() }
}

/// What a call needs of the world.
struct CallContext: Sendable {
    let application: String
    let client: ARIClient
    let board: CallBoard
    let sounds: SoundServer?
    let logger: Logger
}

/// What the event feed tells a call.
extension Call {
    func post(_ notice: Notice) {
        switch notice {
        case .digit(let digit): tones.post(digit)
        case .leaving: state.withLock { $0.isLeaving = true }
        default: notice.subject.flatMap { subject in state.withLock { $0.mailboxes[subject] } }?.post(.notice(notice))
        }
    }

    /// The feed was interrupted.
    func warnOfGap() {
        for mailbox in state.withLock({ Array($0.mailboxes.values) }) { mailbox.post(.maybeMissed) }
    }

    func end() {
        let waiting = state.withLock { state in
            state.isEnded = true
            return Array(state.mailboxes.values)
        }
        for mailbox in waiting { mailbox.finish() }
        tones.finish()
        ending.finish()
    }
}

/// How operations talk to Asterisk.
extension Call {
    /// Performs one request for this call.
    @discardableResult
    func request<Answer: Sendable>(
        _ operation: (ARIClient) async throws -> Answer
    ) async throws -> Answer {
        if isEnded { throw CallError.hungUp }
        do {
            return try await operation(context.client)
        } catch let error as ARIError {
            if isEnded || error.meansHungUp { throw CallError.hungUp }
            try Task.checkCancellation()
            throw CallError.failed(error)
        }
    }

    /// Opens a mailbox for what is to be waited for, before `body` causes it.
    func waiting<Answer>(for subject: Subject, _ body: (Mailbox<Report>) async throws -> Answer) async throws -> Answer
    {
        let mailbox = Mailbox<Report>(capacity: 16)
        let isEnded = state.withLock { state in
            state.mailboxes[subject] = mailbox
            return state.isEnded
        }
        defer { state.withLock { $0.mailboxes[subject] = nil } }
        if isEnded { throw CallError.hungUp }
        return try await body(mailbox)
    }

    /// The next report.
    /// - Throws: ``CallError/hungUp`` when there will be none; `CancellationError`.
    func report(from mailbox: Mailbox<Report>) async throws -> Report {
        if let report = await mailbox.next() { return report }
        throw isEnded ? CallError.hungUp : CancellationError()
    }

    /// The error to throw for a failure that Asterisk reports: it fails what is under way when the caller hangs up.
    func failure(_ error: CallError) -> CallError { state.withLock { $0.isLeaving || $0.isEnded } ? .hungUp : error }

    /// Tidies up, also when the task has been cancelled.
    ///
    /// A cancelled task cannot send requests, so they go from one of their own, which is awaited right here and bounded by the
    /// client's timeout. Errors do not matter: what was to be removed may be gone.
    func afterwards(_ operation: @escaping @Sendable (ARIClient) async throws -> Void) async {
        await Task { [client = context.client] in try? await operation(client) }.value
    }
}
