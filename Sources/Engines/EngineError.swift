/// Why an engine (Asterisk, Kamailio, a tool) could not be found, set up, started or kept running.
///
/// Every case names the thing and what to do about it, because the text goes straight to the operator.
package enum EngineError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No folder with the configuration templates was found.
    case templatesNotFound(searched: [String])
    /// A template is missing, malformed, or was given a value that would break out of its line.
    case template(name: String, problem: String)
    /// A program is not on the search path; `package` is the Debian package that brings it.
    case programNotFound(String, package: String)
    /// Debian packages are missing and only root may install them.
    case needsRoot(packages: [String])
    /// A command ended badly; `output` holds its last lines.
    case commandFailed(command: String, status: String, output: String)
    /// An engine could not be started at all.
    case cannotStart(name: String, problem: String)
    /// An engine ended again and again right after its start; `output` holds the last lines of its log.
    case keepsExiting(name: String, exit: ProcessExit, log: String, output: String)
    /// A folder or file could not be read or written.
    case fileSystem(path: String, problem: String)
    /// The Asterisk that was found cannot be used.
    case unusableAsterisk(path: String, problem: String)

    package var description: String {
        switch self {
        case .templatesNotFound(let searched):
            "no configuration templates found (looked in \(searched.joined(separator: ", "))); "
                + "name their folder with --config-dir or ASTERISM_CONFIG_DIR"
        case .template(let name, let problem):
            "the template \(name) cannot be used: \(problem)"
        case .programNotFound(let program, let package):
            "\(program) is not installed; run: apt-get install \(package)"
        case .needsRoot(let packages):
            "these packages are missing and only root can install them; run: sudo apt-get install -y "
                + "--no-install-recommends \(packages.joined(separator: " "))"
        case .commandFailed(let command, let status, let output):
            "`\(command)` \(status)" + (output.isEmpty ? "" : "; it said:\n\(output)")
        case .cannotStart(let name, let problem):
            "\(name) cannot be started: \(problem)"
        case .keepsExiting(let name, let exit, let log, let output):
            "\(name) \(exit) again and again right after its start; see \(log)"
                + (output.isEmpty ? "" : ", which ends with:\n\(output)")
        case .fileSystem(let path, let problem):
            "\(path): \(problem)"
        case .unusableAsterisk(let path, let problem):
            "\(path) cannot be used: \(problem)"
        }
    }
}
