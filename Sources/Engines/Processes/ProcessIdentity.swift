import Foundation

/// One run of one process. A pid alone is used again by the kernel; with the start time and the boot it is unique.
package struct ProcessIdentity: Codable, Sendable, Hashable {
    /// The process id, also its process group.
    package var pid: Int32
    /// When it was started, in clock ticks since boot (field 22 of `/proc/PID/stat`).
    package var startTime: UInt64
    /// Which boot of the machine that was.
    package var bootID: String

    /// The identity of a running process, or nil when there is none with this pid.
    package init?(pid: Int32) {
        guard let stat = ProcessStat(pid: pid), stat.state != "Z" else { return nil }
        self.init(pid: pid, startTime: stat.startTime, bootID: Self.currentBoot)
    }

    init(pid: Int32, startTime: UInt64, bootID: String) {
        self.pid = pid
        self.startTime = startTime
        self.bootID = bootID
    }

    /// Whether this very process, and not a later one with the same pid, is running.
    package var isRunning: Bool { ProcessIdentity(pid: pid) == self }

    static let currentBoot: String = {
        let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    }()
}

/// The few fields of `/proc/PID/stat` that identify a process.
struct ProcessStat: Equatable {
    var command: String
    var state: Character
    var group: Int32
    var startTime: UInt64

    init?(pid: Int32) {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return nil }
        self.init(text)
    }

    /// The command stands in parentheses and may itself hold spaces and parentheses, so the last `)` ends it.
    init?(_ text: String) {
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 19, let state = fields[0].first, let group = Int32(fields[2]),
            let startTime = UInt64(fields[19])
        else { return nil }
        self.command = String(text[text.index(after: open)..<close])
        self.state = state
        self.group = group
        self.startTime = startTime
    }

    /// Every process of a group that is not a zombie.
    static func members(ofGroup group: Int32) -> [(pid: Int32, stat: ProcessStat)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap(Int32.init).compactMap { pid in
            guard let stat = ProcessStat(pid: pid), stat.group == group, stat.state != "Z" else { return nil }
            return (pid, stat)
        }
    }
}
