import Foundation
import Testing

@testable import Auth

@Suite("Passwords")
struct PasswordTests {
    @Test("a hash is right for its password only, and of no two passwords the same")
    func hashes() async throws {
        let hasher = PasswordHasher(rounds: 1000)
        let one = try await hasher.hash("secret")
        let two = try await hasher.hash("secret")
        #expect(one != two)
        #expect(one.hasPrefix("pbkdf2-sha512$1000$"))
        #expect(try await hasher.check("secret", against: one))
        #expect(try await !hasher.check("Secret", against: one))
        #expect(try await !hasher.check("secret", against: nil))
        #expect(try await !hasher.check("secret", against: "nonsense"))
        await hasher.stop()
    }

    @Test("the known answer of PBKDF2 with HMAC-SHA-512")
    func knownAnswer() async throws {
        // Of python: hashlib.pbkdf2_hmac("sha512", b"password", b"saltsaltsaltsalt", 1000, 32).
        let salt = Data("saltsaltsaltsalt".utf8).base64EncodedString()
        let hasher = PasswordHasher(rounds: 1000)
        #expect(
            try await hasher.check(
                "password",
                against: "pbkdf2-sha512$1000$\(salt)$715rqIr5dXOVPpBhqqsugl037zT5bWJTWYmZtIcK8hA="
            )
        )
        await hasher.stop()
    }

    @Test("more passwords at once than may wait are refused, and the others looked at")
    func bound() async throws {
        let hasher = PasswordHasher(rounds: 5000, parallel: 1)
        let hash = try await hasher.hash("secret")
        let answers = await withTaskGroup(of: Bool?.self) { group in
            for _ in 0..<300 {
                group.addTask { try? await hasher.check("secret", against: hash) }
            }
            return await group.reduce(into: [Bool?]()) { $0.append($1) }
        }
        #expect(answers.contains(nil))
        #expect(answers.compactMap(\.self).count >= 64)
        #expect(answers.compactMap(\.self).allSatisfy { $0 })
        await hasher.stop()
    }

    @Test("the usual hash takes as many rounds as OWASP asks for")
    func rounds() { #expect(PasswordHasher.usualRounds >= 210_000) }

    @Test(
        "credentials are read as UTF-8, else as Latin-1",
        arguments: [
            ("Basic YTpi", "a", "b"), ("basic  YTpi ", "a", "b"), ("Basic Og==", "", ""),
            ("Basic YTpiOmM=", "a", "b:c"),
            ("Basic w6k6w6g=", "é", "è"), ("Basic 6Tro", "é", "è"),
        ]
    )
    func basic(_ header: String, _ name: String, _ password: String) {
        let credentials = BasicCredentials(header: header)
        #expect(credentials?.name == name)
        #expect(credentials?.password == password)
    }

    @Test("what are no credentials", arguments: ["", "Basic", "Basic !", "Basic YQ==", "Bearer YTpi", nil])
    func noCredentials(_ header: String?) { #expect(BasicCredentials(header: header) == nil) }
}
