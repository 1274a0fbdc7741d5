import Access
import Foundation
import NIOCore
import NIOWebSocket

/// Ends an event socket when the token that opened it has expired, was revoked, or no longer grants it.
final class TokenWatch: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame

    /// How long the auth service is left alone when it did not answer.
    private static let outage = Duration.seconds(15)

    private let tokens: any TokenChecking
    private let scopes: [String]
    private let longest: Duration
    private let onEnd: @Sendable () -> Void
    private var token: AccessToken
    private var next: Scheduled<Void>?

    /// - Parameters:
    ///   - scopes: what the socket needs.
    ///   - longest: between two checks.
    ///   - onEnd: closes the socket.
    init(
        _ token: AccessToken,
        scopes: [String],
        tokens: any TokenChecking,
        longest: Duration,
        onEnd: @escaping @Sendable () -> Void
    ) {
        self.token = token
        self.scopes = scopes
        self.tokens = tokens
        self.longest = longest
        self.onEnd = onEnd
    }

    func handlerAdded(context: ChannelHandlerContext) { wait(interval, context) }

    func handlerRemoved(context: ChannelHandlerContext) { next?.cancel() }

    private var interval: Duration { min(TokenRecheck.interval(of: token), longest) }

    private func wait(_ interval: Duration, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        next = context.eventLoop.scheduleTask(in: .nanoseconds(Int64(interval / .nanoseconds(1)))) {
            let (watch, context) = bound.value
            watch.check(context)
        }
    }

    private func check(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.makeFutureWithTask { [id = token.token, scopes, tokens] in
            await Self.ask(id, scopes, tokens)
        }.whenSuccess { result in
            let (watch, context) = bound.value
            guard context.channel.isActive else { return }
            switch result {
            case .success(let token):
                watch.token = token
                watch.wait(watch.interval, context)
            // Calls go on while the auth service is away; a token's own end needs no one to tell of it.
            case .failure(.unreachable) where !watch.token.isExpired(at: .now): watch.wait(Self.outage, context)
            case .failure: watch.onEnd()
            }
        }
    }

    private static func ask(
        _ id: String,
        _ scopes: [String],
        _ tokens: any TokenChecking
    ) async -> Result<AccessToken, TokenError> {
        var result = Result<AccessToken, TokenError>.failure(.forbidden)
        for scope in scopes {
            do { result = .success(try await tokens.token(id, scope: scope)) } catch { return .failure(error) }
        }
        return result
    }
}
