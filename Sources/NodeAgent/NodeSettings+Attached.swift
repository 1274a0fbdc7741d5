import ARI
import Engines
import Fleet
import Foundation
import Logging
import Registry

extension NodeSettings {
    /// The settings of a node whose Asterisk runs already, with a configuration that is its owner's business. Its name and entity id
    /// are what it says itself; while it does not answer, waits for it.
    /// - Parameters:
    ///   - sip: where the edge and the other nodes reach it.
    ///   - ari: where it answers ARI.
    ///   - credentials: a user of its `ari.conf` that may write.
    ///   - ami: where its manager interface answers, and as whom; nil does not use it.
    ///   - nickname: the speakable name; nil takes one by the name.
    /// - Throws: `EngineError` when it cannot be a node, with the reason and the remedy; `CancellationError`.
    package static func attached(
        sip: HostPort,
        ari: HostPort,
        credentials: Credentials,
        ami: (address: HostPort, credentials: Credentials)? = nil,
        nickname: String? = nil,
        weight: Int = 1,
        publishing: PublishingSettings = .init(),
        logger: Logger
    ) async throws -> NodeSettings {
        let client = ARIClient(baseURL: "http://\(ari)/ari", user: credentials.user, password: credentials.password)
        let identity = try await identity(from: client, at: ari, logger: logger)
        var publishing = publishing
        if ami == nil { publishing.publishAMIEvents = false }
        let number = Int(identity.name.drop { !$0.isNumber }) ?? 1
        return NodeSettings(
            name: identity.name,
            id: identity.id,
            nickname: nickname ?? Nickname.of(index: number),
            sip: sip,
            ari: ari,
            ami: ami?.address ?? HostPort(host: ari.host, port: 5038),
            // What follows goes into configuration files, of which there are none.
            rtpPorts: 10_000...20_000,
            mediaAddress: sip.host,
            legAddress: sip.host,
            edge: sip,
            fleetSecret: "",
            ariCredentials: credentials,
            amiCredentials: ami?.credentials ?? credentials,
            directory: URL(filePath: "/nonexistent"),
            weight: weight,
            link: .inbound,
            process: .attached,
            publishing: publishing
        )
    }

    private static func identity(
        from client: ARIClient,
        at address: HostPort,
        logger: Logger
    ) async throws -> AsteriskIdentity {
        var isFailing = false
        while true {
            do {
                let identity = try await client.identity()
                try check(identity, at: address)
                return identity
            } catch let error as ARIError {
                if error.meansNotYet {
                    if !isFailing { logger.notice("waiting for the Asterisk at \(address): \(error)") }
                    isFailing = true
                    try await Task.sleep(for: .seconds(1))
                    continue
                }
                throw EngineError.cannotStart(
                    name: "the node at \(address)",
                    problem: "its ARI says: \(error); check the user and password in its ari.conf"
                )
            }
        }
    }

    /// Channels are found by the name that their ids begin with, so an Asterisk without one cannot be part of a fleet.
    static func check(_ identity: AsteriskIdentity, at address: HostPort) throws(EngineError) {
        guard !identity.name.isEmpty else {
            throw .cannotStart(
                name: "the node at \(address)",
                problem: "its Asterisk has no name, by which the fleet finds its channels; set `systemname` in the "
                    + "[options] of its asterisk.conf, a different one on each node, and restart it"
            )
        }
        guard ConfigurationWords.isNode(identity.name) else {
            throw .cannotStart(
                name: "the node at \(address)",
                problem: "its systemname \(identity.name.debugDescription) has more than letters, digits and hyphens; "
                    + "change it in the [options] of its asterisk.conf and restart it"
            )
        }
    }
}

extension ARIError {
    /// Whether Asterisk may just not be there yet: it answers 503 until it has booted.
    fileprivate var meansNotYet: Bool {
        if case .unreachable = self { true } else { status == 503 }
    }
}
