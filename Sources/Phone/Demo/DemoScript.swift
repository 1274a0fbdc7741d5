import Foundation

/// The demonstration that needs no telephone: calls every node, then puts two callers into one conference, and says what each
/// of them heard.
package struct DemoScript: Sendable {
    /// The number whose application says which node one is connected to.
    package var greetingNumber = "8001"
    /// The number of the conference.
    package var conferenceNumber = "7001"

    private let phone: Phone
    private let nicknames: [String: String]
    private let calls: Int
    private let recordings: URL?
    private let nodeOf: @Sendable (AnsweredCall) async -> String?
    private let say: @Sendable (String) -> Void

    /// - Parameters:
    ///   - nicknames: what each node calls itself, by node name.
    ///   - calls: how many calls at most until every node was heard.
    ///   - recordings: a folder to keep what was heard in.
    ///   - nodeOf: which node a call that is up is on.
    ///   - say: takes each line of the story.
    package init(
        account: PhoneAccount,
        nicknames: [String: String],
        calls: Int,
        recordings: URL? = nil,
        nodeOf: @escaping @Sendable (AnsweredCall) async -> String?,
        say: @escaping @Sendable (String) -> Void
    ) {
        phone = Phone(account: account)
        self.nicknames = nicknames
        self.calls = calls
        self.recordings = recordings
        self.nodeOf = nodeOf
        self.say = say
    }

    /// Plays the whole script.
    /// - Returns: whether all of it happened: every node was heard under its own name, and in the conference each heard the other.
    package func run() async throws(PhoneError) -> Bool {
        let everyNodeSpoke = try await hearEveryNode()
        guard !Task.isCancelled else { return false }
        return try await meet() && everyNodeSpoke
    }

    private func hearEveryNode() async throws(PhoneError) -> Bool {
        var unheard = Set(nicknames.keys)
        var isTrue = true
        let vocabulary = SpeechVocabulary.connected(to: nicknames.values.sorted())
        for number in 1...max(1, calls) where !unheard.isEmpty && !Task.isCancelled {
            let plan = CallPlan(
                number: greetingNumber,
                displayName: "Demo call \(number)",
                end: .afterPhrases(1, atMost: .seconds(12)),
                recording: file("call-\(number)"),
                speech: vocabulary
            )
            let (report, node) = try await place(plan)
            let sentence = report.words?.first
            say("call \(number): \(Self.summary(report, heard: sentence.map { "\"\($0)\"" }, node: node))")
            guard report.wasAnswered else { isTrue = false; continue }
            guard let node, let nickname = nicknames[node], let sentence,
                sentence == SpeechVocabulary.connected(to: [nickname]).sentences.first
            else {
                isTrue = false
                continue
            }
            unheard.remove(node)
        }
        if !unheard.isEmpty { say("never heard: \(unheard.sorted().joined(separator: ", "))") }
        return isTrue && unheard.isEmpty
    }

    /// Calls the conference with two callers. The edge sends consecutive calls to different nodes; should another call have come
    /// between, it is tried again.
    private func meet() async throws(PhoneError) -> Bool {
        for _ in 0..<3 where !Task.isCancelled {
            let visits = try await overlap()
            let nodes = Set(visits.compactMap(\.node))
            let everyoneHeard = visits.allSatisfy(\.wentWell)
            guard everyoneHeard, nicknames.count > 1, nodes.count < 2 else { return everyoneHeard }
            say("both callers were on \(nodes.first ?? "an unknown node"); once more, for two nodes")
        }
        return false
    }

    /// The second caller dials when the first has been answered, and leaves before it.
    private func overlap() async throws(PhoneError) -> [Visit] {
        let (firstIsIn, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let results: [Result<Visit, PhoneError>] = await withTaskGroup(of: Result<Visit, PhoneError>.self) { group in
            group.addTask {
                defer { signal.finish() }
                return await attend(Caller(name: "caller A", hertz: 440, other: 660), seconds: 9) { signal.finish() }
            }
            group.addTask {
                for await _ in firstIsIn {}
                return await attend(Caller(name: "caller B", hertz: 660, other: 440), seconds: 5) {}
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var visits: [Visit] = []
        for result in results { visits.append(try result.get()) }
        return visits
    }

    /// What became of one caller in the conference.
    private struct Visit: Sendable {
        var node: String?
        var wentWell: Bool
    }

    private struct Caller: Sendable {
        var name: String
        var hertz: Double
        var other: Double
    }

    private func attend(
        _ caller: Caller,
        seconds: Int,
        whenIn: @escaping @Sendable () -> Void
    ) async -> Result<Visit, PhoneError> {
        let plan = CallPlan(
            number: conferenceNumber,
            displayName: "Demo \(caller.name)",
            end: .after(.seconds(seconds)),
            source: .tone(hertz: caller.hertz),
            recording: file(caller.name.replacing(" ", with: "-")),
            tones: [caller.hertz, caller.other]
        )
        do {
            let (report, node) = try await place(plan, whenIn: whenIn)
            let heardOther = report.tones.contains { $0.hertz == caller.other && $0.isHeard }
            let heardItself = report.tones.contains { $0.hertz == caller.hertz && $0.isHeard }
            let heard = [heardOther ? "the other's \(Int(caller.other)) Hz" : nil, heardItself ? "its own tone" : nil]
                .compactMap { $0 }.joined(separator: " and ")
            say("\(caller.name), sending \(Int(caller.hertz)) Hz: \(Self.summary(report, heard: heard, node: node))")
            return .success(Visit(node: node, wentWell: heardOther && !heardItself))
        } catch {
            return .failure(error)
        }
    }

    private func place(
        _ plan: CallPlan,
        whenIn: @escaping @Sendable () -> Void = {}
    ) async throws(PhoneError) -> (CallReport, node: String?) {
        let (nodes, found) = AsyncStream.makeStream(of: String?.self, bufferingPolicy: .bufferingNewest(1))
        let report = try await phone.call(plan) { call in
            whenIn()
            found.yield(await nodeOf(call))
        }
        found.finish()
        return (report, await nodes.first { _ in true } ?? nil)
    }

    private func file(_ name: String) -> URL? { recordings?.appending(path: "\(name).wav") }

    /// `answered in 32 ms, heard "..." (node ast1)`, or why not.
    static func summary(_ report: CallReport, heard: String?, node: String?) -> String {
        guard let time = report.timeToAnswer else { return "not answered: \(report.status) \(report.reason)" }
        let what = heard.flatMap { $0.isEmpty ? nil : $0 } ?? "nothing"
        return "answered in \(Int((time * 1000).rounded())) ms, heard \(what) (node \(node ?? "unknown"))"
    }
}
