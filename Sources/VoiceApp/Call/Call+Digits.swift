import ARI

/// Keys that the caller presses.
extension Call {
    /// Every key pressed since the call came, each delivered once, until the call ends. The last 64 are kept for a slow reader.
    public var digits: Digits { Digits(mailbox: tones) }

    /// Collects digits, those pressed before included: callers who know the menu type ahead.
    /// - Parameters:
    ///   - prompt: played first; the first key interrupts it.
    ///   - count: ends with so many digits.
    ///   - terminator: ends at once, and is not part of the digits; nil for none.
    ///   - timeout: ends when no key comes for so long, counted from the end of the prompt and then from each key.
    public func gather(
        _ prompt: Media? = nil,
        count: Int,
        terminator: Character? = "#",
        timeout: Duration = .seconds(5)
    ) async throws -> GatheredDigits {
        var collector = DigitCollector(count: count, terminator: terminator)
        var digit: Character?
        if let prompt { digit = try await keyInterrupting(prompt) }
        while true {
            if digit == nil { digit = await tones.next(within: timeout) }
            guard let pressed = digit else {
                if isEnded { throw CallError.hungUp }
                try Task.checkCancellation()
                return collector.timedOut
            }
            if let gathered = collector.receive(pressed) { return gathered }
            digit = nil
        }
    }

    /// Forgets the keys that nobody has read.
    public func forgetDigits() { tones.clear() }

    /// Plays until the end or a key, which it returns.
    private func keyInterrupting(_ prompt: Media) async throws -> Character? {
        try await withThrowingTaskGroup(of: Character?.self) { group in
            group.addTask {
                try await self.play(prompt)
                return nil
            }
            group.addTask { await self.tones.next() }
            var key = try await group.next() ?? nil
            group.cancelAll()
            // A key pressed just as the prompt ended is not lost.
            while let late = await group.nextResult() { key = key ?? (try? late.get()) ?? nil }
            return key
        }
    }

    /// Sends tones to the caller's side, for machines that listen.
    public func send(digits: String) async throws {
        try await request { try await $0.channels.sendDTMF(id, dtmf: digits) }
    }
}

/// The keys of a call as they are pressed: `0`-`9`, `*`, `#`, `A`-`D`.
public struct Digits: AsyncSequence, Sendable {
    let mailbox: Mailbox<Character>

    /// Takes keys out of the call's queue.
    public struct Iterator: AsyncIteratorProtocol {
        let mailbox: Mailbox<Character>

        /// The next key; nil when the call has ended or the task is cancelled.
        public mutating func next() async -> Character? { await mailbox.next() }
    }

    /// Iterators share the queue: each key goes to one of them.
    public func makeAsyncIterator() -> Iterator { Iterator(mailbox: mailbox) }
}
