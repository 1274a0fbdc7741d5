import Engines
import Foundation
import Logging
import Registry

/// The number of a node that was given none: the one it had before, else the lowest that no living node of the fleet has. It is ours for
/// as long as we live.
actor NodeSlot {
    /// More nodes than any fleet has.
    private static let highest = 1000

    /// How long a node that died waits for the registry to notice, so that it returns under its old name.
    private static let patience = Duration.seconds(20)

    private let registry: any Registry
    private let logger: Logger
    private let memory: URL
    /// Holding on to it keeps the number.
    private var claim: Task<Void, Never>?

    /// - Parameter memory: the file that keeps the number from one run to the next.
    init(registry: any Registry, memory: URL, logger: Logger) {
        self.memory = memory
        self.registry = registry
        self.logger = logger
    }

    /// Takes a number; waits for the registry if it is away.
    /// - Throws: `CancellationError`.
    func take() async throws -> Int {
        let former = remembered
        let deadline = ContinuousClock.now + Self.patience
        var isFailing = false
        while true {
            do throws(RegistryError) {
                let taken = Set(try await registry.entries(under: RegistryKey.slots).keys)
                if let former, !taken.contains(RegistryKey.slots + "\(former)"), await hold(former) { return former }
                let isWaiting = former != nil && ContinuousClock.now < deadline
                for number in 1...Self.highest where !isWaiting && !taken.contains(RegistryKey.slots + "\(number)") {
                    if await hold(number) { return number }
                }
            } catch {
                if !isFailing { logger.notice("waiting for the registry to learn this node's number: \(error)") }
                isFailing = true
            }
            try await Task.sleep(for: .milliseconds(300))
        }
    }

    func release() { claim?.cancel() }

    /// What is kept from one run to the next.
    struct Memory: Codable {
        var number: Int
        /// Who had it. A process id alone would not do: in a container the next run soon sees it at some other process.
        var holder: ProcessIdentity
    }

    /// The number of the former run, unless it is the number of another node on this host, which lives.
    private var remembered: Int? {
        guard let data = try? Data(contentsOf: memory), let kept = try? JSONDecoder().decode(Memory.self, from: data)
        else { return nil }
        return kept.holder.pid == getpid() || !kept.holder.isRunning ? kept.number : nil
    }

    /// Whether the number is ours. If somebody else was faster it is not, and we do not queue for it.
    private func hold(_ number: Int) async -> Bool {
        let changes = await registry.campaign(for: RegistryKey.slots + "\(number)", as: Array("node".utf8))
        let (answers, answer) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        let task = Task {
            for await isOurs in changes { answer.yield(isOurs) }
            answer.finish()
        }
        let isOurs = await answers.first { _ in true } ?? false
        guard isOurs else {
            task.cancel()
            return false
        }
        claim = task
        do {
            try FileManager.default.createDirectory(
                at: memory.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            if let holder = ProcessIdentity(pid: getpid()) {
                try JSONEncoder().encode(Memory(number: number, holder: holder)).write(to: memory, options: .atomic)
            }
        } catch {
            logger.warning("the node's number cannot be kept for its next run: \(error.localizedDescription)")
        }
        return true
    }
}
