import Crypto
import CryptoExtras
import Foundation
import NIOPosix
import Synchronization

/// Makes and checks password hashes: PBKDF2 with HMAC-SHA-512 and a salt of 16 bytes, in threads of its own.
///
/// Slow on purpose, so bounded: a few at a time, and what cannot wait in a short queue is refused. Nothing of it runs on event loops.
package final class PasswordHasher: Sendable {
    /// As OWASP's password storage cheat sheet has it for SHA-512.
    package static let usualRounds = 210_000
    /// Passwords that may wait.
    private static let maximumPending = 64
    private static let length = 32

    private let rounds: Int
    private let threads: NIOThreadPool
    private let pending = Mutex(0)
    /// Checked in place of the hash of a user who does not exist, so that the time does not tell.
    private let nobody: PasswordHash

    /// - Parameters:
    ///   - rounds: of the hashes it makes; those it checks say their own.
    ///   - parallel: how many at a time.
    package init(rounds: Int = PasswordHasher.usualRounds, parallel: Int = 2) {
        self.rounds = rounds
        threads = NIOThreadPool(numberOfThreads: parallel)
        threads.start()
        nobody = PasswordHash(rounds: rounds, salt: Self.salt(), key: Data(repeating: 0, count: Self.length))
    }

    /// - Returns: what to store.
    package func hash(_ password: String) async throws(PasswordError) -> String {
        let rounds = rounds
        return try await perform {
            let salt = Self.salt()
            return PasswordHash(rounds: rounds, salt: salt, key: try Self.derive(password, salt, rounds)).text
        }
    }

    /// - Parameter stored: nil for a user without a password or who does not exist: never right, and as slow.
    package func check(_ password: String, against stored: String?) async throws(PasswordError) -> Bool {
        let (hash, nobody) = (stored.flatMap { PasswordHash($0) }, nobody)
        return try await perform {
            let known = hash ?? nobody
            let key = try Self.derive(password, known.salt, known.rounds)
            let isEqual = key.count == known.key.count && zip(key, known.key).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
            return isEqual && hash != nil
        }
    }

    package func stop() async { try? await threads.shutdownGracefully() }

    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws(PasswordError) -> Value {
        let isTaken = pending.withLock { pending in
            guard pending < Self.maximumPending else { return false }
            pending += 1
            return true
        }
        guard isTaken else { throw PasswordError(reason: "too many logins at once; try again in a moment") }
        defer { pending.withLock { $0 -= 1 } }
        do {
            return try await threads.runIfActive(body)
        } catch {
            throw PasswordError(reason: "the password could not be looked at (\(error))")
        }
    }

    private static func salt() -> Data { Data((0..<16).map { _ in UInt8.random(in: .min ... .max) }) }

    private static func derive(_ password: String, _ salt: Data, _ rounds: Int) throws -> Data {
        let key = try KDF.Insecure.PBKDF2.deriveKey(
            from: Data(password.utf8),
            salt: salt,
            using: .sha512,
            outputByteCount: length,
            // Checked where hashes are made: what was stored with fewer must still be readable.
            unsafeUncheckedRounds: rounds
        )
        return key.withUnsafeBytes { Data($0) }
    }
}

/// Why a password could not be looked at.
package struct PasswordError: Error, Sendable, CustomStringConvertible {
    package var reason: String

    package var description: String { reason }
}

/// A stored hash: `pbkdf2-sha512$<rounds>$<salt>$<key>`, the last two in Base64.
struct PasswordHash: Sendable, Hashable {
    private static let scheme = "pbkdf2-sha512"

    var rounds: Int
    var salt: Data
    var key: Data

    init(rounds: Int, salt: Data, key: Data) {
        self.rounds = rounds
        self.salt = salt
        self.key = key
    }

    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == Self.scheme, let rounds = Int(parts[1]), (1...10_000_000).contains(rounds),
            let salt = Data(base64Encoded: String(parts[2])), let key = Data(base64Encoded: String(parts[3]))
        else { return nil }
        self.init(rounds: rounds, salt: salt, key: key)
    }

    var text: String { "\(Self.scheme)$\(rounds)$\(salt.base64EncodedString())$\(key.base64EncodedString())" }
}
