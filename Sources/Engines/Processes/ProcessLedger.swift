import Foundation
import Logging

/// What has been started and not yet ended, in files: after a `kill -9` of ours, the next start ends what was left.
package struct ProcessLedger: Sendable {
    /// A started process.
    package struct Entry: Codable, Sendable, Hashable {
        /// What we call it, such as `ast1`.
        package var name: String
        /// Which process it is.
        package var identity: ProcessIdentity
        /// The command line it was started with.
        package var command: [String]
    }

    /// The folder of the records, one file each.
    package let directory: URL

    package init(directory: URL) {
        self.directory = directory
    }

    /// Writes down a process that has just been started; one that has ended already is not recorded.
    @discardableResult
    package func record(name: String, pid: Int32, command: [String]) throws(EngineError) -> Entry? {
        guard let identity = ProcessIdentity(pid: pid) else { return nil }
        let entry = Entry(name: name, identity: identity, command: command)
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            try JSONEncoder().encode(entry).write(to: file(pid), options: .atomic)
        } catch {
            throw .fileSystem(path: directory.path, problem: "the record of \(name) cannot be written (\(error))")
        }
        return entry
    }

    /// Forgets a process that has ended.
    package func forget(pid: Int32) {
        try? FileManager.default.removeItem(at: file(pid))
    }

    /// The records there are. Unreadable ones are skipped.
    package var entries: [Entry] {
        let files = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "json" }
            .compactMap { try? JSONDecoder().decode(Entry.self, from: Data(contentsOf: $0)) }
            .sorted { $0.identity.pid < $1.identity.pid }
    }

    /// The process of this name and command that an earlier run of ours started and that still runs.
    package func running(name: String, command: [String]) -> Entry? {
        entries.last { $0.name == name && $0.command == command && $0.identity.isRunning }
    }

    /// Ends the recorded processes that still run, and the children they left in their process group: SIGTERM first, SIGKILL
    /// after `grace`. A process that merely has a recorded pid is left alone.
    /// - Parameter name: only those of this name; nil is all.
    /// - Returns: the entries of which something was still running.
    @discardableResult
    package func endLeftovers(
        named name: String? = nil,
        grace: Duration = .seconds(3),
        logger: Logger? = nil
    ) async -> [Entry] {
        var ended: [Entry] = []
        for entry in entries where name == nil || entry.name == name {
            let running = Self.survivors(of: entry)
            if !running.isEmpty {
                logger?.info(
                    "ending \(entry.name), left from an earlier run",
                    metadata: ["pid": "\(entry.identity.pid)"]
                )
                for survivor in running { kill(survivor.pid, SIGTERM) }
                await Self.wait(for: running, atMost: grace)
                for survivor in running where survivor.isRunning { kill(survivor.pid, SIGKILL) }
                await Self.wait(for: running, atMost: .seconds(2))
                ended.append(entry)
            }
            forget(pid: entry.identity.pid)
        }
        return ended
    }

    /// The leader if it is the recorded one; else members of its group, which keeps its number from being used again, that
    /// run the recorded program.
    private static func survivors(of entry: Entry) -> [ProcessIdentity] {
        guard entry.identity.bootID == ProcessIdentity.currentBoot else { return [] }
        let pid = entry.identity.pid
        if let now = ProcessStat(pid: pid), now.state != "Z", now.startTime != entry.identity.startTime { return [] }
        let program = entry.command.first.map { URL(filePath: $0).resolvingSymlinksInPath().path }
        return ProcessStat.members(ofGroup: pid)
            .filter { member in
                guard member.pid != pid else { return true }
                let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(member.pid)/exe")
                return member.stat.startTime >= entry.identity.startTime && executable == program
            }
            .compactMap { ProcessIdentity(pid: $0.pid) }
    }

    private static func wait(for processes: [ProcessIdentity], atMost limit: Duration) async {
        let deadline = ContinuousClock.now + limit
        while processes.contains(where: \.isRunning), ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func file(_ pid: Int32) -> URL { directory.appending(path: "\(pid).json") }
}
