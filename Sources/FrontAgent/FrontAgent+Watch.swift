import Engines
import Foundation
import Logging
import Registry

/// Asking nginx and the gateways whether they answer.
extension FrontAgent {
    /// While nginx starts it is asked more often, so that serving is noticed soon.
    private static let startInterval = Duration.milliseconds(50)

    func watchNginx(_ process: SupervisedProcess) async {
        let probe = Probe(timeout: settings.probeTimeout)
        while !Task.isCancelled {
            if let pid = current.pid {
                let generation = await probe.generation(at: settings.address)
                // It may have ended meanwhile.
                if current.pid == pid { await observe(generation, pid: pid, process) }
            }
            try? await Task.sleep(for: watch.isServing ? settings.probeInterval : Self.startInterval)
        }
    }

    private func observe(_ generation: String?, pid: Int32, _ process: SupervisedProcess) async {
        let wanted = applied?.generation ?? ""
        let isStopped = NginxProcesses.hasStopped(master: pid)
        let action = watch.observe(generation: generation, wanted: wanted, isStopped: isStopped)
        if generation != nil, !isStopped { update { $0.phase = .serving } }
        switch action {
        case .nothing: break
        case .reload: reload()
        case .kill:
            logger.warning("nginx hangs", metadata: ["pid": "\(pid)"])
            update { $0.phase = .starting }
            await process.kill()
        }
    }

    func watchGateways(nudge: AsyncStream<Void>.Continuation) async {
        let probe = Probe(timeout: settings.probeTimeout)
        while !Task.isCancelled {
            let round = await withTaskGroup(of: (HostPort, Bool).self) { group in
                for gateway in memory.known[.gateways] { group.addTask { (gateway, await probe.answers(gateway)) } }
                var answers: [HostPort: Bool] = [:]
                for await (gateway, isAnswer) in group { answers[gateway] = isAnswer }
                return answers
            }
            let before = silence.silent
            silence.note(round)
            for gateway in silence.silent.subtracting(before) {
                logger.warning("gateway does not answer", metadata: ["gateway": "\(gateway)"])
            }
            // Also lets go of what has vanished, and tries again what nginx rejected.
            nudge.yield()
            try? await Task.sleep(for: settings.probeInterval)
        }
    }
}
