import Logging
import Registry

/// The number of a node that was given none: the lowest that no living node of the fleet has. It is ours for as long as we live.
actor NodeSlot {
    /// More nodes than any fleet has.
    private static let highest = 1000

    private let registry: any Registry
    private let logger: Logger
    /// Holding on to it keeps the number.
    private var claim: Task<Void, Never>?

    init(registry: any Registry, logger: Logger) {
        self.registry = registry
        self.logger = logger
    }

    /// Takes a number; waits for the registry if it is away.
    /// - Throws: `CancellationError`.
    func take() async throws -> Int {
        var isFailing = false
        while true {
            do throws(RegistryError) {
                let taken = Set(try await registry.entries(under: RegistryKey.slots).keys)
                for number in 1...Self.highest where !taken.contains(RegistryKey.slots + "\(number)") {
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

    /// Whether the number is ours. If somebody else was faster it is not, and we do not queue for it.
    private func hold(_ number: Int) async -> Bool {
        let changes = await registry.campaign(for: RegistryKey.slots + "\(number)", as: Array("node".utf8))
        let (answers, answer) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        let task = Task {
            for await isOurs in changes { answer.yield(isOurs) }
            answer.finish()
        }
        let isOurs = await answers.first { _ in true } ?? false
        if isOurs { claim = task } else { task.cancel() }
        return isOurs
    }
}
