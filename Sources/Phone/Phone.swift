import Foundation
import NIOCore
import NIOPosix
import Sound

/// A SIP telephone: dials, sends and records sound, and tells what it heard. Each call has sockets of its own, so that calls of
/// one phone may overlap.
package struct Phone: Sendable {
    /// The account that it calls with.
    package let account: PhoneAccount
    private let recognizer: SpeechRecognizer

    /// A phone; making it opens nothing, calls do.
    package init(account: PhoneAccount, recognizer: SpeechRecognizer = SpeechRecognizer()) {
        self.account = account
        self.recognizer = recognizer
    }

    /// Makes one call, from dialling to the report. When the task is cancelled, the call is hung up and reported as far as it went.
    /// - Parameters:
    ///   - plan: whom to call and what to do.
    ///   - whileUp: runs beside the call from its answer on, and is cancelled when the call ends.
    /// - Returns: also for a call that was refused, with the status that the other end gave.
    /// - Throws: ``PhoneError`` when no SIP conversation came about, or when a file or program is missing.
    package func call(
        _ plan: CallPlan,
        whileUp: @escaping @Sendable (AnsweredCall) async -> Void = { _ in }
    ) async throws(PhoneError) -> CallReport {
        guard Self.canDial(plan.number) else { throw .badNumber(plan.number) }
        if let speech = plan.speech { try recognizer.check(speech) }
        let source = try SampleSource(plan.source)
        let lines = try await CallLines.open(account, on: MultiThreadedEventLoopGroup.singleton.next())
        let callID: String
        let outcome: CallOutcome
        do {
            let identity = CallIdentity(account: account, displayName: plan.displayName, localSIP: lines.sipHostPort)
            callID = identity.callID
            let live = try await LiveCall.start(plan, identity: identity, source: source, lines: lines)
            outcome = try await live.finish(whileUp: whileUp)
        } catch {
            await lines.close()
            throw error as? PhoneError ?? .edgeUnreachable(edge: account.hostPort, reason: "\(error)")
        }
        await lines.close()
        return try await report(plan, callID, outcome)
    }

    private func report(
        _ plan: CallPlan,
        _ callID: String,
        _ outcome: CallOutcome
    ) async throws(PhoneError) -> CallReport {
        let sound = WAV(sampleRate: SampleSource.rate, samples: outcome.timeline.samples)
        if let url = plan.recording, outcome.answeredAt != nil { try sound.write(to: url) }
        var words: [String]?
        if let speech = plan.speech, outcome.answeredAt != nil {
            let heard = try await recognizer.sentences(in: sound, speech)
            words = heard.isEmpty ? nil : heard
        }
        return CallReport(
            number: plan.number,
            callID: callID,
            status: outcome.ending.status,
            reason: outcome.ending.reason,
            answeredAt: outcome.answeredAt,
            timeToAnswer: outcome.timeToAnswer?.inSeconds,
            timeToSound: outcome.timeToSound,
            duration: outcome.duration?.inSeconds,
            hungUpBy: outcome.ending.hungUpBy,
            codec: outcome.codec?.rawValue,
            packetsReceived: outcome.timeline.received,
            packetsLost: outcome.timeline.lost,
            recording: outcome.answeredAt == nil ? nil : plan.recording?.path,
            tones: ToneDetector(samples: sound.samples).levels(of: plan.tones),
            words: words
        )
    }

    /// What may stand in the user part of a SIP URI without escaping, and is sensible to dial.
    static func canDial(_ number: String) -> Bool {
        !number.isEmpty && number.allSatisfy { ($0.isASCII && ($0.isLetter || $0.isNumber)) || "+-._*#!~".contains($0) }
    }
}

/// A call in progress: the handles that may be passed between tasks, while its state stays on the event loop.
private struct LiveCall: Sendable {
    let handler: NIOLoopBound<CallHandler>
    let loop: any EventLoop
    let answered: EventLoopFuture<AnsweredCall?>
    let over: EventLoopFuture<CallOutcome>

    static func start(
        _ plan: CallPlan,
        identity: CallIdentity,
        source: SampleSource,
        lines: CallLines
    ) async throws -> LiveCall {
        let loop = lines.sip.eventLoop
        return try await loop.submit {
            let machine = CallMachine(
                identity: identity,
                number: plan.number.replacing("#", with: "%23"),
                localMedia: LocalMedia(address: lines.address, port: lines.mediaPort),
                registers: plan.register,
                ringLimit: plan.ringLimit
            )
            let media = MediaHandler(sender: RTPSender(source: source, digits: DigitEvents(plan.dtmf)))
            let answered = loop.makePromise(of: AnsweredCall?.self)
            let over = loop.makePromise(of: CallOutcome.self)
            let handler = CallHandler(machine: machine, media: media, end: plan.end, answered: answered, over: over)
            try lines.media.pipeline.syncOperations.addHandler(media)
            try lines.sip.pipeline.syncOperations.addHandler(handler)
            return LiveCall(
                handler: NIOLoopBound(handler, eventLoop: loop),
                loop: loop,
                answered: answered.futureResult,
                over: over.futureResult
            )
        }.get()
    }

    /// Waits for the end of the call; cancellation brings it about.
    func finish(whileUp: @escaping @Sendable (AnsweredCall) async -> Void) async throws -> CallOutcome {
        try await withTaskCancellationHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { if let call = try await answered.get() { await whileUp(call) } }
                defer { group.cancelAll() }
                return try await over.get()
            }
        } onCancel: {
            loop.execute { handler.value.hangUp() }
        }
    }
}
