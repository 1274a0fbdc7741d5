import Access
import NIOCore
import NIOHTTP1
import Synchronization

/// Lets requests in: by a password, or by a token of the auth service that grants what is asked. Who fails too often has to wait.
final class Doorkeeper: Sendable {
    /// One part of the gateway, and whose passwords open it.
    enum Surface: Sendable {
        case ari, fleet

        var realm: String { self == .ari ? "Asterisk REST Interface" : "Asterism fleet" }
    }

    /// What becomes of somebody at the door.
    enum Verdict: Sendable {
        /// - Parameter token: what opened the door, where it was one.
        case admitted(token: AccessToken?)
        case refused(GatewayAnswer)
        /// The auth service must be asked about this token; then the answer is known for a moment.
        case unsure(token: String)
    }

    /// Who is asked about tokens; nil where no tokens are taken.
    let tokens: TokenCache?
    /// How long what a token opened goes on at most before it is checked again.
    let tokenRecheck: Duration
    private let ariUsers: Authenticator
    private let operators: Authenticator
    private let proxies: TrustedProxies
    private let throttle: Mutex<LoginThrottle>

    init(_ settings: GatewaySettings, tokens: TokenCache?) {
        self.tokens = tokens
        tokenRecheck = settings.tokenRecheck
        ariUsers = Authenticator(settings.ariUsers)
        operators = Authenticator(settings.operators)
        proxies = settings.proxies
        throttle = Mutex(LoginThrottle(settings.failedLogins))
    }

    /// Says at once what can be said without asking anybody.
    /// - Parameters:
    ///   - apiKey: the decoded `api_key` parameter, where the surface takes one.
    ///   - counts: whether a failure is counted; a request that is looked at twice is counted once.
    func admit(
        _ head: HTTPRequestHead,
        from peer: SocketAddress?,
        to surface: Surface,
        apiKey: String? = nil,
        counts: Bool = true
    ) -> Verdict {
        let token = tokens == nil ? nil : head.headers.tokenID
        // Whoever asks without credentials learns only that some are needed.
        guard token != nil || apiKey != nil || head.headers.contains(name: "Authorization") else {
            return .refused(.unauthorized(realm: surface.realm))
        }
        // The address is worth finding out only where somebody has failed lately.
        if throttle.withLock({ !$0.isEmpty }) {
            let address = address(of: head, from: peer)
            if let delay = throttle.withLock({ $0.delay(for: address, at: .now) }) {
                return .refused(.tooManyFailures(delay))
            }
        }
        let verdict = token.map { admit(token: $0, head, surface) } ?? admit(password: head, apiKey, surface)
        if counts, case .refused(let answer) = verdict, answer.status == .unauthorized {
            let address = address(of: head, from: peer)
            throttle.withLock { $0.failed(address, at: .now) }
        }
        return verdict
    }

    /// Asks about a token, so that ``admit(_:from:to:apiKey:counts:)`` can say what becomes of it.
    /// - Returns: what to answer when nobody can say.
    func ask(about token: String) async -> GatewayAnswer? {
        do {
            _ = try await tokens?.token(token, scope: nil)
            return nil
        } catch {
            guard case .unreachable = error else { return nil }
            return .authUnreachable
        }
    }

    private func admit(password head: HTTPRequestHead, _ apiKey: String?, _ surface: Surface) -> Verdict {
        let users = surface == .ari ? ariUsers : operators
        guard users.admits(head.headers, apiKey: apiKey) else {
            return .refused(.unauthorized(realm: surface.realm))
        }
        return .admitted(token: nil)
    }

    private func admit(token: String, _ head: HTTPRequestHead, _ surface: Surface) -> Verdict {
        var admitted: AccessToken?
        for scope in RequiredAccess.of(method: head.method.rawValue, target: head.uri) {
            switch tokens?.known(token, scope: scope) {
            case nil: return .unsure(token: token)
            case .success(let known): admitted = known
            case .failure(.forbidden): return .refused(.error(.forbidden, "The token does not grant \(scope)"))
            case .failure(.unreachable): return .refused(.authUnreachable)
            case .failure: return .refused(.unauthorized(realm: surface.realm))
            }
        }
        return .admitted(token: admitted)
    }

    /// Where the client is: what a proxy says is believed of those that are trusted.
    private func address(of head: HTTPRequestHead, from peer: SocketAddress?) -> String {
        let address = peer?.ipAddress ?? ""
        guard let forwarded = head.headers.last(name: "X-Forwarded-For")?.split(separator: ",").last,
            proxies.trusts(address)
        else { return address }
        return String(forwarded.drop { $0 == " " }.prefix(64))
    }
}

extension HTTPHeaders {
    /// The token that a client gave. A password decides where there is one: a wrong header is not made good by another.
    fileprivate var tokenID: String? {
        guard let authorization = first(name: "Authorization") else { return first(name: "X-Auth-Token") }
        guard authorization.prefix(7).lowercased() == "bearer " else { return nil }
        return String(authorization.dropFirst(7).drop { $0 == " " })
    }

    fileprivate func last(name: String) -> String? { self[name].last }
}

extension GatewayAnswer {
    fileprivate static let authUnreachable = error(.serviceUnavailable, "The auth service cannot be asked; try again")

    fileprivate static func tooManyFailures(_ delay: Duration) -> GatewayAnswer {
        var answer = error(.tooManyRequests, "Too many failed logins; try again later")
        answer.headers.add(name: "Retry-After", value: String(delay.components.seconds + 1))
        return answer
    }
}
