import Access
import Registry

/// What an instance of the auth service is told.
package struct AuthSettings: Sendable {
    /// Unique among instances, such as `auth-1`.
    package var name: String
    /// Where it listens.
    package var address: HostPort
    /// Proxies that are believed where a client is.
    package var proxies = TrustedProxies.thisHost
    /// Where it keeps what it knows.
    package var database: AuthDatabase
    /// The id of this installation (`xivo_uuid`, `origin_uuid`), the same as applicationd's; nil takes one made at the first start.
    package var installation: String?
    /// The first admin's password; nil makes one up and prints it, once.
    package var adminPassword: String?
    /// The first admin is `admin`/`secret`, as programs of the demo expect: for loopback only.
    package var isDemo = false
    /// Sessions that one user may have at a time; programs of the installation may have any number.
    package var maximumSessions = 100
    /// Failed logins that are borne.
    package var logins = LoginBounds()
    /// Rounds of password hashes that are made.
    package var passwordRounds = PasswordHasher.usualRounds
    /// How often expired tokens are swept out.
    package var sweepInterval = Duration.seconds(30)

    package init(name: String, address: HostPort, database: AuthDatabase) {
        self.name = name
        self.address = address
        self.database = database
    }
}

/// Where the auth service keeps what it knows.
package enum AuthDatabase: Sendable, Hashable, CustomStringConvertible {
    /// A file of SQLite, for one instance or several on one host.
    case file(String)
    /// A PostgreSQL, as libpq's URL.
    case postgreSQL(String)

    /// Without the password that a URL may hold.
    package var description: String {
        switch self {
        case .file(let path): path
        case .postgreSQL: "PostgreSQL"
        }
    }

    /// Opens it and brings its tables up to date.
    package func open() async throws(StoreError) -> any SQLStore {
        let store: any SQLStore
        switch self {
        case .file(let path): store = try SQLiteStore(path: path)
        case .postgreSQL(let url): store = PostgreSQLStore(url: url)
        }
        do throws(StoreError) {
            try await Migrations.run(on: store)
        } catch {
            await store.close()
            throw error
        }
        return store
    }
}
