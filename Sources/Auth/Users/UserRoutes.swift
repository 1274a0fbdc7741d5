import ARI
import Access
import Foundation
import HTTPTypes
import Hummingbird
import WebAPI

/// Users: made, listed, changed, removed.
struct UserRoutes: AuthRouting {
    let core: AuthCore

    func add(to router: some RouterMethods<WebContext>) {
        requiring("users.read", router).get("users") { request, context in
            try answer(
                await list(User.table, request, context) { wanted, caller, _ in
                    caller.scope(wanted).condition("tenant_uuid")
                } item: { row, sql in
                    try User(row, sql).json
                }
            )
        }
        requiring("users.create", router).post("users", use: create)
        requiring("users.{user_uuid}.read", router).get("users/:user_uuid") { request, context in
            try answer(await user(request, context).json)
        }
        requiring("users.{user_uuid}.read", router).head("users/:user_uuid") { request, context in
            _ = try await user(request, context)
            return done
        }
        requiring("users.{user_uuid}.update", router).put("users/:user_uuid", use: update)
        requiring("users.{user_uuid}.delete", router).delete("users/:user_uuid", use: delete)
        requiring("users.{user_uuid}.password.update", router).put("users/:user_uuid/password", use: changePassword)
        requiring("users.{user_uuid}.emails.update", router).put("users/:user_uuid/emails") { request, context in
            try await changeEmails(request, context, byAdmin: false)
        }
        requiring("admin.users.{user_uuid}.emails.update", router).put("admin/users/:user_uuid/emails") {
            request,
            context in
            try await changeEmails(request, context, byAdmin: true)
        }
    }

    private func user(_ request: Request, _ context: WebContext) async throws -> User {
        let (id, scope) = (try core.user(in: context), try await core.caller(request, context).scope)
        return try await core.read { sql in try Self.find(id, scope, sql) }
    }

    static func find(_ id: String, _ scope: TenantScope, _ sql: any SQLConnection) throws -> User {
        guard let user = try User.find(id, scope, sql) else { throw WebError.unknown("user", id) }
        return user
    }

    private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try await core.caller(request, context)
        let body = try await request.json(UserBody.self, context)
        try body.check()
        var user = User(
            uuid: body.uuid?.lowercased() ?? UUID.lowercase,
            tenant: caller.tenant,
            username: body.username,
            firstname: body.firstname,
            lastname: body.lastname,
            purpose: body.purpose.flatMap(User.Purpose.init) ?? .user,
            isEnabled: body.enabled ?? true,
            authenticationMethod: body.authentication_method ?? "default"
        )
        if let password = body.password { user.password = try await hash(password) }
        if let address = body.email_address {
            user.emails = [.init(uuid: UUID.lowercase, address: address, isMain: true, isConfirmed: true)]
        }
        try await core.write { [user] sql in
            try Self.checkFree(user, sql)
            try user.insert(sql)
        }
        return try answer(user.json)
    }

    /// - Throws: ``WebError`` 409 that names what another user has.
    private static func checkFree(_ user: User, _ sql: any SQLConnection) throws {
        func conflict(_ field: String, _ value: String) -> WebError {
            .api(
                .conflict,
                "conflict",
                "The \(field) \"\(value)\" is already used",
                details: [
                    field: ["constraint_id": "unique", "constraint": "unique", "message": "\(value) is already used"]
                ],
                resource: "users"
            )
        }
        if let name = user.username {
            // A name that is somebody's address would log in as either.
            let others = try sql.count(
                """
                SELECT (SELECT count(*) FROM users WHERE username_key = ? AND uuid <> ?) +
                    (SELECT count(*) FROM emails WHERE address_key = ? AND user_uuid <> ?) AS n
                """,
                [.text(User.key(name)), .text(user.uuid), .text(User.key(name)), .text(user.uuid)]
            )
            if others > 0 { throw conflict("username", name) }
        }
        for email in user.emails {
            let others = try sql.count(
                """
                SELECT (SELECT count(*) FROM users WHERE username_key = ? AND uuid <> ?) +
                    (SELECT count(*) FROM emails WHERE address_key = ? AND user_uuid <> ?) AS n
                """,
                [.text(User.key(email.address)), .text(user.uuid), .text(User.key(email.address)), .text(user.uuid)]
            )
            if others > 0 { throw conflict("email_address", email.address) }
        }
    }

    private func update(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, scope) = (try core.user(in: context), try await core.caller(request, context).scope)
        let body = try await request.json(UserBody.self, context)
        try body.check()
        let (user, ended) = try await core.write { sql in
            var user = try Self.find(id, scope, sql)
            user.username = body.username
            user.firstname = body.firstname
            user.lastname = body.lastname
            user.purpose = body.purpose.flatMap(User.Purpose.init) ?? user.purpose
            user.isEnabled = body.enabled ?? user.isEnabled
            user.authenticationMethod = body.authentication_method ?? user.authenticationMethod
            try Self.checkFree(user, sql)
            try user.update(sql)
            let ended = user.isEnabled ? [] : try Session.delete(SQLCondition("user_uuid = ?", [.text(user.uuid)]), sql)
            return (user, ended)
        }
        await core.announcer.announce(ended.map(AuthEvent.sessionDeleted))
        return try answer(user.json)
    }

    private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, scope) = (try core.user(in: context), try await core.caller(request, context).scope)
        let events = try await core.write { sql in
            let user = try Self.find(id, scope, sql)
            let events = try Self.endAll(of: user, sql)
            try sql.run("DELETE FROM users WHERE uuid = ?", .text(user.uuid))
            return events
        }
        await core.announcer.announce(events)
        return done
    }

    /// Ends a user's sessions and revokes his refresh tokens.
    private static func endAll(of user: User, _ sql: any SQLConnection) throws -> [AuthEvent] {
        let condition = SQLCondition("user_uuid = ?", [.text(user.uuid)])
        let sessions = try Session.delete(condition, sql)
        let tokens = try RefreshToken.revoke(condition, sql).tokens
        return sessions.map(AuthEvent.sessionDeleted) + tokens.map { .refreshTokenDeleted($0, tenant: user.tenant) }
    }

    private func changePassword(_ request: Request, _ context: WebContext) async throws -> Response {
        let user = try await user(request, context)
        let body = try await request.json(PasswordBody.self, context)
        try Field.check(body.new_password, "new_password", 1...4096)
        let address = context.clientAddress
        // Who has a stolen token must not find the password out with it.
        if let delay = core.logins.delay(name: user.uuid, address: address) {
            var error = WebError.tokenService(.tooManyRequests, "Too many wrong passwords; try again later")
            error.headers[.retryAfter] = String(Int((delay / .seconds(1)).rounded(.up)))
            throw error
        }
        if user.password != nil {
            guard try await core.check(body.old_password ?? "", user) else {
                core.logins.failed(name: user.uuid, address: address)
                throw WebError.loginFailed
            }
        }
        let hash = try await hash(body.new_password)
        let events = try await core.write { sql in
            let changed = try sql.run(
                "UPDATE users SET password = ? WHERE uuid = ? AND coalesce(password, '') = ? RETURNING uuid",
                .text(hash),
                .text(user.uuid),
                .text(user.password ?? "")
            )
            guard !changed.isEmpty else { throw WebError.loginFailed }
            return try Self.endAll(of: user, sql)
        }
        await core.announcer.announce(events)
        return done
    }

    private func hash(_ password: String) async throws -> String {
        do throws(PasswordError) {
            return try await core.passwords.hash(password)
        } catch { throw WebError(error) }
    }

    /// Puts a list of addresses in place of the former one.
    /// - Parameter byAdmin: may say what is confirmed; users keep only what was.
    private func changeEmails(_ request: Request, _ context: WebContext, byAdmin: Bool) async throws -> Response {
        let (id, scope) = (try core.user(in: context), try await core.caller(request, context).scope)
        let body = try await request.json(EmailsBody.self, context)
        for email in body.emails { try EmailBody.check(email.address) }
        guard body.emails.isEmpty || body.emails.count(where: { $0.main ?? false }) == 1 else {
            throw WebError.invalid("emails", "exactly one must be main")
        }
        guard Set(body.emails.map { User.key($0.address) }).count == body.emails.count else {
            throw WebError.invalid("emails", "an address is there twice")
        }
        let user = try await core.write { sql in
            var user = try Self.find(id, scope, sql)
            user.emails = body.emails.map { email in
                let known = user.emails.first { User.key($0.address) == User.key(email.address) }
                return User.Email(
                    uuid: known?.uuid ?? UUID.lowercase,
                    address: email.address,
                    isMain: email.main ?? false,
                    isConfirmed: (byAdmin ? email.confirmed : nil) ?? known?.isConfirmed ?? false
                )
            }
            try Self.checkFree(user, sql)
            try user.writeEmails(sql)
            return user
        }
        return try answer(.array(user.emails.map(\.json)))
    }
}
