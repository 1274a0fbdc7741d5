import Access
import Foundation
import HTTPTypes
import Logging
import Telemetry
import WebAPI

extension AuthCore {
    /// A token, and how many sessions it was the end of.
    struct Grant: Sendable {
        var token: AccessToken
        var revoked = 0
        var events: [AuthEvent] = []
    }

    /// Logs in with a password or a refresh token.
    /// - Throws: ``WebError``: 401 for anything that is wrong, so that nothing can be learnt; 429 after too many failures and for
    ///   too many sessions; 503 when too many log in at once.
    func login(_ request: TokenRequest, _ credentials: BasicCredentials?, _ source: LoginSource) async throws -> Grant {
        let name = credentials?.name ?? ""
        if let delay = logins.delay(name: name, address: source.address) {
            metrics.logins.count("throttled")
            throw Self.tooMany(delay)
        }
        do {
            let grant: Grant
            if let refresh = request.refresh_token {
                grant = try await write { sql in
                    guard let known = try RefreshToken.find(refresh, client: request.client_id ?? "", sql),
                        let user = try User.find(known.user, sql), user.isEnabled
                    else { throw WebError.loginFailed }
                    var source = source
                    source.isMobile = known.isMobile
                    return try self.grant(user, request, source, refresh: known.token, sql)
                }
            } else {
                let user = try await user(credentials)
                grant = try await write { sql in
                    // As it is now: it may have been disabled, and its password changed, while that was looked at.
                    guard let user = user, let current = try User.find(user.uuid, sql), current.isEnabled,
                        current.password == user.password
                    else { throw WebError.loginFailed }
                    return try self.grant(current, request, source, refresh: nil, sql)
                }
            }
            metrics.logins.count("granted")
            await announcer.announce(grant.events)
            return grant
        } catch let error as WebError {
            if error.status == .unauthorized {
                metrics.logins.count("refused")
                logins.failed(name: name, address: source.address)
                logger.info("a login was refused", metadata: ["address": "\(source.address)"])
            }
            throw error
        }
    }

    /// The user of a name and password; nil if they are nobody's.
    private func user(_ credentials: BasicCredentials?) async throws -> User? {
        guard let credentials else { return nil }
        let isName = !credentials.name.isEmpty && !credentials.name.utf8.contains(0)
        let user = isName ? try await read { try User.find(login: credentials.name, $0) } : nil
        return try await check(credentials.password, user) ? user : nil
    }

    /// Whether it is the user's password.
    func check(_ password: String, _ user: User?) async throws -> Bool {
        do throws(PasswordError) {
            return try await passwords.check(password, against: user?.password)
        } catch { throw WebError(error) }
    }

    /// Makes the session and what goes with it.
    private func grant(
        _ user: User,
        _ request: TokenRequest,
        _ source: LoginSource,
        refresh: String?,
        _ sql: any SQLConnection
    ) throws -> Grant {
        let now = Int(now().timeIntervalSince1970)
        var revoked: [Session] = []
        var events: [AuthEvent] = []
        var refreshToken = refresh
        if request.isOffline, let client = request.client_id {
            let known = try RefreshToken.find(user: user.uuid, client: client, sql)
            if let known, !source.isMobile, !known.isMobile {
                refreshToken = known.token
            } else {
                // One telephone at a time: its login ends those of all others.
                let replaced = try RefreshToken.revoke(
                    source.isMobile
                        ? SQLCondition(
                            "user_uuid = ? AND (mobile = 1 OR client_id = ?)",
                            [.text(user.uuid), .text(client)]
                        )
                        : SQLCondition("user_uuid = ? AND client_id = ?", [.text(user.uuid), .text(client)]),
                    sql
                )
                revoked = replaced.sessions
                events += replaced.tokens.map { .refreshTokenDeleted($0, tenant: user.tenant) }
                let made = RefreshToken(
                    token: UUID.lowercase,
                    user: user.uuid,
                    client: client,
                    created: now,
                    isMobile: source.isMobile,
                    userAgent: source.userAgent,
                    remoteAddress: source.address
                )
                try made.insert(sql)
                events.append(.refreshTokenCreated(made, tenant: user.tenant))
                refreshToken = made.token
            }
        }
        events = revoked.map(AuthEvent.sessionDeleted) + events
        try checkNumber(of: user, now, sql)
        let token = UUID.lowercase
        let session = Session(
            uuid: UUID.lowercase,
            tokenHash: Session.hash(token),
            user: user.uuid,
            tenant: user.tenant,
            isMobile: source.isMobile,
            refreshToken: refreshToken,
            acl: try Policy.acl(ofUser: user.uuid, sql),
            purpose: user.purpose,
            issued: now,
            expires: now + request.lifetime,
            userAgent: source.userAgent,
            remoteAddress: source.address,
            profile: try Profile.of(user, sql)
        )
        try session.insert(sql)
        events.append(.sessionCreated(session))
        var answer = session.token(token, installation: installation)
        if request.isOffline { answer.refreshToken = refreshToken }
        return Grant(token: answer, revoked: revoked.count, events: events)
    }

    private func checkNumber(of user: User, _ now: Int, _ sql: any SQLConnection) throws {
        guard user.purpose.isBounded else { return }
        let count = try sql.count(
            "SELECT count(*) AS n FROM sessions WHERE user_uuid = ? AND expires >= ?",
            [.text(user.uuid), SQLValue(now)]
        )
        if count >= maximumSessions {
            throw WebError.tokenService(
                .tooManyRequests,
                "The user has \(count) sessions, which is the maximum; end one with DELETE /token/<token>"
            )
        }
    }

    private static func tooMany(_ delay: Duration) -> WebError {
        var error = WebError.tokenService(.tooManyRequests, "Too many failed logins; try again later")
        error.headers[.retryAfter] = String(Int((delay / .seconds(1)).rounded(.up)))
        return error
    }
}

extension WebError {
    /// 503: too many passwords wait.
    init(_ error: PasswordError) { self = .api(.serviceUnavailable, "busy", error.reason) }
}
