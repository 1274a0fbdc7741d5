import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Registry

/// Asks servers whether they answer.
struct Probe: Sendable {
    let timeout: TimeAmount

    init(timeout: Duration) {
        self.timeout = .nanoseconds(Int64(timeout / .nanoseconds(1)))
    }

    /// The generation of the configuration that nginx works by; nil when it does not answer. A port with TLS is asked without: it
    /// answers that with an error that carries the generation too, so that no certificate has to be trusted.
    func generation(at address: HostPort) async -> String? {
        var request = HTTPClientRequest(url: "http://\(address.reachable)/front/status")
        request.headers.add(name: "Connection", value: "close")
        let response = try? await HTTPClient.shared.execute(request, timeout: timeout)
        return response?.headers["X-Front-Generation"].first
    }

    /// Whether a gateway answers at all, whatever it says.
    func answers(_ address: HostPort) async -> Bool {
        let request = HTTPClientRequest(url: "http://\(address)/status/live")
        return (try? await HTTPClient.shared.execute(request, timeout: timeout)) != nil
    }
}

extension HostPort {
    /// The address to connect to: one that listens everywhere is reached on loopback.
    fileprivate var reachable: HostPort {
        switch host {
        case "0.0.0.0": HostPort(host: "127.0.0.1", port: port)
        case "::": HostPort(host: "::1", port: port)
        default: self
        }
    }
}
