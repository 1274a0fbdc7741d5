import Foundation
import Synchronization

/// Remembers tokens for a moment, so that most questions are answered at once and without the auth service.
///
/// One question per token whatever the scope: the scope is checked here, by the token's ACL. Questions about a token that is being
/// asked about wait for that answer. Unknown tokens are remembered apart from good ones, so that guesses drive none of those out.
package final class TokenCache: TokenChecking {
    private typealias Waiter = CheckedContinuation<Void, Never>

    private struct State {
        var memory: TokenMemory
        /// Per token that is being asked about, who waits for the answer.
        var waiters: [String: [Waiter]] = [:]
    }

    private enum Turn {
        case known(Result<AccessToken, TokenError>)
        case ask, wait, tooMany
    }

    private let source: any TokenChecking
    private let bounds: TokenCacheBounds
    private let now: @Sendable () -> Date
    private let state: Mutex<State>

    /// - Parameters:
    ///   - source: who is asked.
    ///   - now: the clock.
    package init(
        _ source: any TokenChecking,
        bounds: TokenCacheBounds = TokenCacheBounds(),
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.source = source
        self.bounds = bounds
        self.now = now
        state = Mutex(State(memory: TokenMemory(bounds)))
    }

    /// What can be said without asking anybody; nil when somebody must be asked.
    package func known(_ id: String, scope: String?) -> Result<AccessToken, TokenError>? {
        guard AccessToken.isPlausible(id) else { return .failure(.unknown) }
        let now = now()
        return state.withLock { $0.memory.known(id, scope, at: now) }
    }

    package func token(_ id: String, scope: String?) async throws(TokenError) -> AccessToken {
        guard AccessToken.isPlausible(id) else { throw .unknown }
        while true {
            switch turn(id, scope) {
            case .known(let result): return try result.get()
            case .tooMany: throw .unreachable("too many tokens are being asked about")
            case .wait: await wait(id)
            case .ask:
                let result = await ask(id)
                // A question that was given up says nothing to those who wait: one of them asks again.
                if Task.isCancelled { finish(id, nil) } else { finish(id, result) }
                return try result.get().granting(scope).get()
            }
        }
    }

    /// Has the next question about a token answered by the auth service.
    package func forget(_ id: String) {
        state.withLock { $0.memory.forget(id) }
    }

    private func turn(_ id: String, _ scope: String?) -> Turn {
        let now = now()
        return state.withLock { state in
            if let known = state.memory.known(id, scope, at: now) { return .known(known) }
            if state.waiters[id] != nil { return .wait }
            guard state.waiters.count < bounds.questions else { return .tooMany }
            state.waiters[id] = []
            return .ask
        }
    }

    private func ask(_ id: String) async -> Result<CheckedToken, TokenError> {
        do {
            let token = try await source.token(id, scope: nil)
            // The auth service and this host may disagree about the time.
            guard !token.isExpired(at: now()) else { return .failure(.unknown) }
            return .success(CheckedToken(token))
        } catch {
            return .failure(error)
        }
    }

    /// Until the question under way is answered; that is bounded by the source's time limit.
    private func wait(_ id: String) async {
        await withCheckedContinuation { waiter in
            let isUnderWay = state.withLock { state in
                guard state.waiters[id] != nil else { return false }
                state.waiters[id]?.append(waiter)
                return true
            }
            if !isUnderWay { waiter.resume() }
        }
    }

    private func finish(_ id: String, _ result: Result<CheckedToken, TokenError>?) {
        let now = now()
        let waiters = state.withLock { state in
            if let result { state.memory.note(id, result, at: now) }
            return state.waiters.removeValue(forKey: id) ?? []
        }
        for waiter in waiters { waiter.resume() }
    }
}
