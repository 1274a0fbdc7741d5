import Foundation

/// The processes of one nginx: the master and its workers.
enum NginxProcesses {
    /// Whether one of them is stopped by a signal. The others go on answering, so that a probe does not notice.
    static func hasStopped(master: Int32) -> Bool {
        let children = read("/proc/\(master)/task/\(master)/children")?.split(separator: " ").compactMap { Int32($0) }
        return ([master] + (children ?? [])).contains { pid in
            let state = read("/proc/\(pid)/stat")?.split(separator: ")").last?.first { $0 != " " }
            return state == "T"
        }
    }

    private static func read(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
