import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Consul's HTTP API over all agents: requests bounded in time and size, the next agent when one fails.
final class ConsulClient: Sendable {
    /// The largest answer taken in.
    private static let largestAnswer = 64 << 20
    /// For how long a lone agent may refuse connections, as it does while it starts again, before whoever asks need notice.
    private static let restartTime = Duration.milliseconds(1500)

    let endpoints: Endpoints
    let wait: Duration
    private let http: HTTPClient
    private let token: ConsulToken?
    private let requestTimeout: Duration

    init(_ settings: ConsulSettings) {
        endpoints = Endpoints(settings.addresses)
        token = settings.token
        requestTimeout = settings.requestTimeout
        wait = settings.wait
        var tls: TLSConfiguration?
        if let file = settings.caFile {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = .file(file)
            tls = configuration
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls,
            redirectConfiguration: .disallow,
            timeout: .init(connect: .milliseconds(1500))
        )
        configuration.httpVersion = .http1Only
        // Every wait for a change holds a connection.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
        // Who asks tries again. A pool that does so itself waits up to a minute between two attempts, and with it all requests, long
        // after Consul is back.
        configuration.connectionPool.retryConnectionEstablishment = false
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit { http.shutdown { _ in } }

    /// Sends a request to the agent in use, and to the others in turn while that makes sense.
    /// - Returns: the answer, whatever its status, unless that says that Consul has no leader.
    func send(_ request: ConsulRequest) async throws(ConsulError) -> ConsulAnswer {
        var problem = ConsulError.unreachable("no Consul agent was asked")
        // With a single agent one more try, for a connection that Consul closed while idle.
        for _ in 0..<max(2, endpoints.addresses.count) {
            let choice = endpoints.current
            switch await attempt(request, at: choice.address, leaving: request.waits ? choice : nil) {
            case .answer(let answer): return answer
            case .departed: throw .abandoned
            case .failure(let failure):
                if Task.isCancelled { throw .abandoned }
                endpoints.failed(choice)
                problem = .unreachable("\(choice.address) \(failure.detail)")
                guard failure.isUnsent || request.isRepeatable, !request.waits else { throw problem }
                if endpoints.addresses.count == 1, failure.kind != .broken { throw problem }
            }
        }
        throw problem
    }

    /// Sends a request to one agent only.
    func send(_ request: ConsulRequest, to address: ConsulAddress) async throws(ConsulError) -> ConsulAnswer {
        switch await attempt(request, at: address, leaving: nil) {
        case .answer(let answer): return answer
        case .departed: throw .abandoned
        case .failure(let failure): throw .unreachable("\(address) \(failure.detail)")
        }
    }

    /// Sends a request that must succeed.
    @discardableResult
    func require(_ request: ConsulRequest) async throws(ConsulError) -> ConsulAnswer {
        let answer = try await send(request)
        guard answer.status == 200 else {
            throw .refused(status: answer.status, request: request.description, text: answer.text)
        }
        return answer
    }

    /// Reads the body of an answer.
    func decode<Value: Decodable>(
        _ type: Value.Type,
        from answer: ConsulAnswer,
        to request: ConsulRequest
    ) throws(ConsulError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: answer.body)
        } catch {
            throw .malformed(request: request.description, problem: "\(error)")
        }
    }

    private enum Outcome: Sendable {
        case answer(ConsulAnswer)
        case failure(Failure)
        case departed
    }

    private struct Failure: Sendable {
        enum Kind: Sendable { case refused, notSent, broken, timedOut, outage }
        var kind: Kind
        var detail: String
        var isUnsent: Bool { kind == .refused || kind == .notSent }
    }

    /// The request against the clock, and against the news that its agent has failed elsewhere.
    private func attempt(
        _ request: ConsulRequest,
        at address: ConsulAddress,
        leaving choice: Endpoints.Choice?
    ) async -> Outcome {
        let limit = request.timeout ?? requestTimeout
        return await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await self.exchangeWhenUp(request, with: address) }
            group.addTask {
                try? await Task.sleep(for: limit)
                return .failure(Failure(kind: .timedOut, detail: "does not answer"))
            }
            if let choice {
                group.addTask {
                    await self.endpoints.departure(from: choice)
                    return .departed
                }
            }
            let first = await group.next() ?? .departed
            group.cancelAll()
            return first
        }
    }

    private func exchangeWhenUp(_ request: ConsulRequest, with address: ConsulAddress) async -> Outcome {
        let deadline = ContinuousClock.now + Self.restartTime
        while true {
            let outcome = await exchange(request, with: address)
            guard case .failure(let failure) = outcome, failure.kind == .refused, endpoints.addresses.count == 1,
                ContinuousClock.now < deadline, (try? await Task.sleep(for: .milliseconds(100))) != nil
            else { return outcome }
        }
    }

    private func exchange(_ request: ConsulRequest, with address: ConsulAddress) async -> Outcome {
        var message = HTTPClientRequest(url: address.description + request.target)
        message.method = request.method
        if let token { message.headers.add(name: "X-Consul-Token", value: token.secret) }
        if let body = request.body {
            message.headers.add(name: "Content-Type", value: "application/json")
            message.body = .bytes(body)
        }
        do {
            let response = try await http.execute(message, deadline: .distantFuture)
            let body = try await response.body.collect(upTo: Self.largestAnswer)
            let answer = ConsulAnswer(
                status: Int(response.status.code),
                index: response.headers.first(name: "X-Consul-Index").flatMap { UInt64($0) },
                body: body
            )
            guard !ConsulError.isOutage(status: answer.status, text: answer.text) else {
                return .failure(Failure(kind: .outage, detail: "says: \(answer.text)"))
            }
            return .answer(answer)
        } catch let error as HTTPClientError where error == .connectTimeout {
            return .failure(Failure(kind: .notSent, detail: "cannot be reached"))
        } catch let error as HTTPClientError {
            return .failure(Failure(kind: .broken, detail: "broke the connection (\(error))"))
        } catch is NIOSSLError {
            return .failure(Failure(kind: .notSent, detail: "could not prove its identity; check consul-ca"))
        } catch let error as IOError where error.errnoCode == ECONNREFUSED {
            return .failure(Failure(kind: .refused, detail: "refuses connections"))
        } catch is NIOConnectionError {
            return .failure(Failure(kind: .refused, detail: "cannot be reached"))
        } catch {
            return .failure(Failure(kind: .broken, detail: "cannot be reached (\(error))"))
        }
    }
}
