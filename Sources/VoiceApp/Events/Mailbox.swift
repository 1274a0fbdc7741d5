import Synchronization

/// A bounded queue between the event feed, which never waits, and a call's task, which does.
///
/// Unlike `AsyncStream`, cancelling one reader leaves the mailbox open for the next: a `gather` that timed out does not end the
/// call's digits. Each element goes to one reader. When it is full, the oldest element is dropped.
final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var readers: [(id: UInt64, continuation: CheckedContinuation<Element?, Never>)] = []
        var nextReader: UInt64 = 0
        var isFinished = false
    }

    private let state = Mutex(State())
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    func post(_ element: Element) {
        let reader = state.withLock { state -> CheckedContinuation<Element?, Never>? in
            guard !state.isFinished else { return nil }
            if !state.readers.isEmpty { return state.readers.removeFirst().continuation }
            if state.elements.count == capacity { state.elements.removeFirst() }
            state.elements.append(element)
            return nil
        }
        reader?.resume(returning: element)
    }

    /// Ends it: what is queued can still be read.
    func finish() {
        let readers = state.withLock { state in
            state.isFinished = true
            defer { state.readers = [] }
            return state.readers
        }
        for reader in readers { reader.continuation.resume(returning: nil) }
    }

    /// Whether nothing will ever be read again.
    var isOver: Bool { state.withLock { $0.isFinished && $0.elements.isEmpty } }

    /// Drops what is queued.
    func clear() { state.withLock { $0.elements = [] } }

    /// The next element; nil when the mailbox is finished and empty, or the task is cancelled.
    func next() async -> Element? {
        let id = state.withLock { state in
            state.nextReader += 1
            return state.nextReader
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Element?? in
                    if !state.elements.isEmpty { return .some(state.elements.removeFirst()) }
                    // Cancellation sets this before it calls the handler below, so a reader is never left behind.
                    if state.isFinished || Task.isCancelled { return .some(nil) }
                    state.readers.append((id, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let reader = state.withLock { state in
                state.readers.firstIndex { $0.id == id }.map { state.readers.remove(at: $0) }
            }
            reader?.continuation.resume(returning: nil)
        }
    }

    /// As ``next()``, but nil also when `timeout` has passed.
    func next(within timeout: Duration) async -> Element? {
        await withTaskGroup(of: Element?.self) { group in
            group.addTask { await self.next() }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return nil
            }
            var element = await group.next() ?? nil
            group.cancelAll()
            // An element that came at the very moment of the timeout is not lost.
            for await late in group where element == nil { element = late }
            return element
        }
    }
}
