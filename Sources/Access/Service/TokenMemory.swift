import Foundation

/// How much a ``TokenCache`` remembers, and for how long.
package struct TokenCacheBounds: Sendable {
    /// How long a good token is remembered: a revoked one is taken for that much longer. Never beyond its expiry.
    package var life: Duration = .seconds(10)
    /// How long a token that the auth service does not know stays unknown.
    package var unknownLife: Duration = .seconds(5)
    /// How long the auth service is left alone about a token after it did not answer.
    package var outage: Duration = .seconds(1)
    /// Good tokens, and as many unknown ones.
    package var tokens = 10_000
    /// Questions under way at a time.
    package var questions = 64

    package init() {}
}

/// A token with its ACL made ready.
struct CheckedToken: Sendable {
    let token: AccessToken
    private let check: AccessCheck

    init(_ token: AccessToken) {
        self.token = token
        check = token.accessCheck
    }

    func granting(_ scope: String?) -> Result<AccessToken, TokenError> {
        check.allows(scope) ? .success(token) : .failure(.forbidden)
    }
}

/// What the auth service said of tokens a moment ago. Unknown tokens are kept apart from good ones, so that guesses drive none of
/// those out.
struct TokenMemory: Sendable {
    private struct Entry: Sendable {
        var result: Result<CheckedToken, TokenError>
        var since: Date
        var until: Date

        /// A clock that was set back must not make an entry last.
        func isFresh(at now: Date) -> Bool { since <= now && now < until }
    }

    private let bounds: TokenCacheBounds
    private var good: RecentEntries<Entry>
    private var bad: RecentEntries<Entry>

    init(_ bounds: TokenCacheBounds) {
        self.bounds = bounds
        good = RecentEntries(atMost: bounds.tokens)
        bad = RecentEntries(atMost: bounds.tokens)
    }

    func known(_ id: String, _ scope: String?, at now: Date) -> Result<AccessToken, TokenError>? {
        guard let entry = good[id] ?? bad[id], entry.isFresh(at: now) else { return nil }
        return entry.result.flatMap { $0.granting(scope) }
    }

    mutating func note(_ id: String, _ result: Result<CheckedToken, TokenError>, at now: Date) {
        forget(id)
        let until = end(of: result, from: now)
        switch result {
        case .success: good[id] = Entry(result: result, since: now, until: until)
        case .failure: bad[id] = Entry(result: result, since: now, until: until)
        }
    }

    mutating func forget(_ id: String) {
        good[id] = nil
        bad[id] = nil
    }

    private func end(of result: Result<CheckedToken, TokenError>, from now: Date) -> Date {
        switch result {
        case .success(let known): min(now.addingTimeInterval(bounds.life / .seconds(1)), known.token.expiry)
        case .failure(.unreachable): now.addingTimeInterval(bounds.outage / .seconds(1))
        case .failure: now.addingTimeInterval(bounds.unknownLife / .seconds(1))
        }
    }
}
