import Foundation
import Synchronization
import Testing

@testable import Access

/// Time that a test moves.
final class ManualClock: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_000_000))
    var now: Date { time.withLock { $0 } }
    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
}

/// An auth service in the test's hand.
final class CountingSource: TokenChecking {
    private struct State {
        var tokens: [String: AccessToken] = [:]
        var asked: [String] = []
        var isDown = false
    }
    private let state = Mutex(State())
    private let delay: Duration

    init(delay: Duration = .zero) { self.delay = delay }

    var asked: [String] { state.withLock(\.asked) }
    func set(_ token: AccessToken) { state.withLock { $0.tokens[token.token] = token } }
    func revoke(_ id: String) { state.withLock { $0.tokens[id] = nil } }
    func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

    func token(_ id: String, scope: String?) async throws(TokenError) -> AccessToken {
        let (token, isDown) = state.withLock { state in
            state.asked.append(id)
            return (state.tokens[id], state.isDown)
        }
        if delay > .zero {
            do { try await Task.sleep(for: delay) } catch { throw .unreachable("given up") }
        }
        if isDown { throw .unreachable("it is down") }
        guard let token else { throw .unknown }
        guard token.accessCheck.allows(scope) else { throw .forbidden }
        return token
    }
}

@Suite("The cache of tokens")
struct TokenCacheTests {
    private let clock = ManualClock()

    private func token(_ id: String, lives seconds: Double = 3600, acl: [String] = ["a.#"]) -> AccessToken {
        AccessToken(token: id, issued: clock.now, expiry: clock.now + seconds, acl: acl)
    }

    private func cache(_ source: any TokenChecking, _ bounds: TokenCacheBounds = .init()) -> TokenCache {
        let clock = clock
        return TokenCache(source, bounds: bounds) { clock.now }
    }

    @Test("one question serves every scope for ten seconds, and is then asked again")
    func remembers() async throws {
        let source = CountingSource()
        source.set(token("t"))
        let cache = cache(source)
        #expect(cache.known("t", scope: "a.b") == nil)
        #expect(try await cache.token("t", scope: "a.b").token == "t")
        #expect(cache.known("t", scope: "a.c") == .success(token("t")))
        #expect(cache.known("t", scope: "b") == .failure(.forbidden))
        await #expect(throws: TokenError.forbidden) { try await cache.token("t", scope: "b") }
        clock.advance(9.9)
        #expect(cache.known("t", scope: nil) != nil)
        #expect(source.asked == ["t"])
        clock.advance(0.2)
        #expect(cache.known("t", scope: nil) == nil)
        source.revoke("t")
        await #expect(throws: TokenError.unknown) { try await cache.token("t", scope: "a.b") }
    }

    @Test("nothing is remembered beyond the token's expiry, or by a clock that was set back")
    func expires() async throws {
        let source = CountingSource()
        source.set(token("t", lives: 3))
        let cache = cache(source)
        _ = try await cache.token("t", scope: nil)
        clock.advance(3)
        #expect(cache.known("t", scope: nil) == nil)
        clock.advance(1)
        await #expect(throws: TokenError.unknown) { try await cache.token("t", scope: nil) }
        clock.advance(-3600)
        #expect(cache.known("t", scope: nil) == nil)
    }

    @Test("an unknown token is asked about once in five seconds")
    func guesses() async {
        let source = CountingSource()
        let cache = cache(source)
        for _ in 0..<5 { await #expect(throws: TokenError.unknown) { try await cache.token("x", scope: nil) } }
        #expect(source.asked.count == 1)
        clock.advance(5.1)
        await #expect(throws: TokenError.unknown) { try await cache.token("x", scope: nil) }
        #expect(source.asked.count == 2)
    }

    @Test("guesses drive out no good token")
    func flood() async throws {
        let source = CountingSource()
        source.set(token("t"))
        var bounds = TokenCacheBounds()
        bounds.tokens = 10
        let cache = cache(source, bounds)
        _ = try await cache.token("t", scope: nil)
        for number in 0..<100 { _ = try? await cache.token("guess-\(number)", scope: nil) }
        #expect(cache.known("t", scope: nil) != nil)
        #expect(cache.known("guess-0", scope: nil) == nil)
    }

    @Test(
        "what cannot be a token is asked of nobody",
        arguments: ["", "a/../b", "a b", "é", String(repeating: "a", count: 65)]
    )
    func implausible(_ id: String) async {
        let source = CountingSource()
        let cache = cache(source)
        #expect(cache.known(id, scope: nil) == .failure(.unknown))
        await #expect(throws: TokenError.unknown) { try await cache.token(id, scope: nil) }
        #expect(source.asked.isEmpty)
    }

    @Test("an outage is short: the service is left alone for a second, then asked again")
    func outage() async throws {
        let source = CountingSource()
        source.set(token("t"))
        source.setDown(true)
        let cache = cache(source)
        await #expect(throws: TokenError.unreachable("it is down")) { try await cache.token("t", scope: nil) }
        source.setDown(false)
        await #expect(throws: TokenError.unreachable("it is down")) { try await cache.token("t", scope: nil) }
        clock.advance(1.1)
        #expect(try await cache.token("t", scope: nil).token == "t")
    }

    @Test("a hundred questions at once become one")
    func coalesces() async throws {
        let source = CountingSource(delay: .milliseconds(50))
        source.set(token("t"))
        let cache = cache(source)
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { try await cache.token("t", scope: "a.b").token } }
            for try await id in group { #expect(id == "t") }
        }
        #expect(source.asked.count == 1)
    }

    @Test("when who asks is cancelled, one of those who wait asks again")
    func cancelled() async throws {
        // Long enough for a busy machine to cancel meanwhile.
        let source = CountingSource(delay: .seconds(5))
        source.set(token("t"))
        let cache = cache(source)
        let first = Task { try await cache.token("t", scope: nil) }
        while source.asked.isEmpty { await Task.yield() }
        let second = Task { try await cache.token("t", scope: nil) }
        first.cancel()
        #expect(try await second.value.token == "t")
        await #expect(throws: TokenError.self) { try await first.value }
    }

    @Test("questions under way have a bound")
    func bounded() async throws {
        let source = CountingSource(delay: .seconds(5))
        var bounds = TokenCacheBounds()
        bounds.questions = 1
        let cache = cache(source, bounds)
        let first = Task { try await cache.token("one", scope: nil) }
        while source.asked.isEmpty { await Task.yield() }
        await #expect(throws: TokenError.unreachable("too many tokens are being asked about")) {
            try await cache.token("two", scope: nil)
        }
        await #expect(throws: TokenError.unknown) { try await first.value }
    }

    @Test("what is forgotten is asked again")
    func forgets() async throws {
        let source = CountingSource()
        source.set(token("t"))
        let cache = cache(source)
        _ = try await cache.token("t", scope: nil)
        cache.forget("t")
        #expect(cache.known("t", scope: nil) == nil)
    }
}
