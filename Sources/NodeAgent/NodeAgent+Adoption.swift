import Engines
import Logging
import Registry
import ServiceLifecycle

/// Taking over an Asterisk that outlived an earlier agent, with its calls.
extension NodeAgent {
    /// Takes the Asterisk over that an earlier agent left, if it is the one that it wrote down.
    /// - Returns: whether there is one.
    func adopt(_ specification: ProcessSpecification) -> Bool {
        guard let remembered,
            let left = ledger.running(name: specification.name, command: specification.command),
            left.identity == remembered.asterisk
        else { return false }
        logger.notice("Asterisk outlived an earlier agent: taking it over", metadata: ["pid": "\(left.identity.pid)"])
        writer.recall()
        pid = left.identity.pid
        begin(incarnation: remembered.incarnation)
        // Not announced: what the registry has of this run holds until we know better.
        note(.processAdopted)
        return true
    }

    /// Writes down each run of Asterisk for the agent after us.
    func rememberRuns(of process: SupervisedProcess) async {
        for await state in await process.states() {
            guard case .running(let pid) = state, let identity = ProcessIdentity(pid: pid) else { continue }
            let now = AgentState(
                name: settings.name,
                id: settings.id,
                sip: settings.sip,
                ari: settings.ari,
                ami: settings.ami,
                ariCredentials: settings.ariCredentials,
                amiCredentials: settings.amiCredentials,
                link: configuration.link,
                incarnation: incarnation,
                asterisk: identity,
                sequenceBase: sequenceBase
            )
            do {
                try now.write(in: settings.directory)
            } catch {
                logger.error("should this agent be killed, its calls will be lost: \(error)")
            }
        }
    }

    /// Brings an Asterisk that was taken over up to date with what changed meanwhile.
    func catchUp() async throws {
        try await takeSnapshot()
        do {
            try writer.writeAll(configuration)
        } catch {
            logger.error("\(error)")
        }
        // The earlier agent may have written what it had no time to have read.
        for (_, module) in ConfigurationWriter.live where !pendingReloads.contains(module) {
            pendingReloads.append(module)
        }
        await reloadPending()
    }

    /// Listens where Asterisk dials; for one that was taken over, where it dials already.
    func startLinkServer(asBefore: Bool) async throws {
        if asBefore, let remembered {
            guard let link = remembered.link else { return }
            do {
                try await listen(port: link.port, credentials: link.credentials)
            } catch {
                throw EngineError.cannotStart(
                    name: settings.name,
                    problem: "127.0.0.1:\(link.port), where its running Asterisk dials for events, cannot be used "
                        + "(\(error)); see what holds it with: ss -lnp 'sport = :\(link.port)'"
                )
            }
            return
        }
        let outbound =
            switch settings.link {
            case .automatic: installation.version.hasOutboundWebSockets
            case .outbound: true
            case .inbound: false
            }
        guard outbound else { return }
        try await listen(
            port: settings.linkPort,
            credentials: Credentials(user: settings.name, password: NodeSettings.secret())
        )
    }

    private func listen(port: Int, credentials: Credentials) async throws {
        let server = LinkServer(credentials: credentials) { [weak self] in self?.receive($0) }
        configuration.link = .init(port: try await server.start(port: port), credentials: credentials)
        self.server = server
    }
}
