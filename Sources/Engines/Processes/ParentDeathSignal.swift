import Foundation

/// Starts a program through `setpriv` (util-linux), so that the kernel ends it when we die without a chance to do so.
enum ParentDeathSignal {
    /// The command to run instead; the same where `setpriv` is not there. It execs: pid and start time stay.
    static func wrap(_ executable: String, _ arguments: [String]) -> (String, [String]) {
        guard let setpriv else { return (executable, arguments) }
        return (setpriv, ["--pdeathsig", "TERM", "--", executable] + arguments)
    }

    private static let setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
}
