import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Synchronization

/// Asks the auth service about tokens over HTTP, the next instance when one does not answer.
package final class TokenClient: TokenChecking {
    /// The largest answer taken in; an ACL has hundreds of entries at most.
    private static let largestAnswer = 1 << 20

    private let addresses: [AuthAddress]
    private let timeout: TimeAmount
    private let http: HTTPClient
    /// The instance that answered last.
    private let preferred = Mutex(0)

    /// - Parameters:
    ///   - addresses: instances of the auth service, one at least.
    ///   - timeout: how long one may take to answer.
    package init(_ addresses: [AuthAddress] = [.usual], timeout: Duration = .seconds(3)) {
        precondition(!addresses.isEmpty, "an address of the auth service is needed")
        self.addresses = addresses
        self.timeout = .nanoseconds(Int64(timeout / .nanoseconds(1)))
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .milliseconds(1500))
        )
        configuration.httpVersion = .http1Only
        // A pool that tries again itself lets requests wait for up to a minute after the service is back.
        configuration.connectionPool.retryConnectionEstablishment = false
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit { http.shutdown { _ in } }

    /// `GET /0.1/token/{id}`.
    package func token(_ id: String, scope: String?) async throws(TokenError) -> AccessToken {
        let answer = try await ask(.GET, id, scope)
        guard answer.status == .ok else { throw .unreachable("it answers with status \(answer.status.code)") }
        do {
            return try JSONDecoder().decode(Answer.self, from: answer.body).data
        } catch {
            throw .unreachable("its answer is no token")
        }
    }

    /// `HEAD /0.1/token/{id}`: the same question for who needs no details.
    /// - Throws: only ``TokenError/unreachable(_:)``.
    package func isValid(_ id: String, scope: String?) async throws(TokenError) -> Bool {
        do {
            let answer = try await ask(.HEAD, id, scope)
            guard answer.status == .noContent || answer.status == .ok else {
                throw TokenError.unreachable("it answers with status \(answer.status.code)")
            }
            return true
        } catch {
            switch error as? TokenError {
            case .unknown, .forbidden: return false
            case let error?: throw error
            case nil: throw .unreachable("\(error)")
            }
        }
    }

    private struct Answer: Decodable {
        var data: AccessToken
    }

    private func ask(
        _ method: HTTPMethod,
        _ id: String,
        _ scope: String?
    ) async throws(TokenError) -> (status: HTTPResponseStatus, body: ByteBuffer) {
        // What cannot be a token is not worth a question, and must not become part of a path.
        guard AccessToken.isPlausible(id) else { throw .unknown }
        var target = "/0.1/token/\(id)"
        if let scope { target += "?scope=" + Self.escape(scope) }
        let first = preferred.withLock { $0 }
        var problem = ""
        for turn in 0..<addresses.count {
            let index = (first + turn) % addresses.count
            do {
                let answer = try await exchange(method, addresses[index].description + target)
                // An instance that fails is no reason to refuse while another one works.
                if answer.status.code >= 500 {
                    problem = "\(addresses[index]) answers with status \(answer.status.code)"
                    continue
                }
                preferred.withLock { $0 = index }
                switch answer.status {
                case .notFound: throw TokenError.unknown
                case .forbidden: throw TokenError.forbidden
                default: return answer
                }
            } catch {
                if let error = error as? TokenError { throw error }
                if Task.isCancelled { throw .unreachable("the question was given up") }
                problem = "\(addresses[index]) does not answer (\(error))"
            }
        }
        throw .unreachable(problem)
    }

    private func exchange(
        _ method: HTTPMethod,
        _ url: String
    ) async throws -> (status: HTTPResponseStatus, body: ByteBuffer) {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers.add(name: "Accept", value: "application/json")
        let response = try await http.execute(request, timeout: timeout)
        return (response.status, try await response.body.collect(upTo: Self.largestAnswer))
    }

    private static func escape(_ text: String) -> String {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }
}
