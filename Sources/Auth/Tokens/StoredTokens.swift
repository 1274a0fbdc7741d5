import Access
import Foundation
import HTTPTypes
import Telemetry
import WebAPI

/// Says whether a token is good, from the store itself.
struct StoredTokens: TokenChecking {
    let core: AuthCore

    func token(_ id: String, scope: String?) async throws(TokenError) -> AccessToken {
        do {
            let token = try await core.token(id)
            guard let scope else { return token }
            guard token.accessCheck.allows(scope) else { throw TokenError.forbidden }
            return token
        } catch let error as TokenError {
            throw error
        } catch {
            throw .unreachable("\(error)")
        }
    }
}

extension AuthCore {
    /// A token that is good now.
    /// - Throws: ``TokenError/unknown``, or ``WebError`` when the store cannot be asked.
    func token(_ id: String) async throws -> AccessToken {
        guard AccessToken.isPlausible(id), let session = try await read({ try Session.find(token: id, $0) }) else {
            metrics.validations.count("unknown")
            throw TokenError.unknown
        }
        let token = session.token(id, installation: installation)
        guard !token.isExpired(at: now()) else {
            metrics.validations.count("unknown")
            throw TokenError.unknown
        }
        metrics.validations.count("valid")
        return token
    }
}
