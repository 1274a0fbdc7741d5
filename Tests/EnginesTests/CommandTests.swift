import Foundation
import Synchronization
import Testing

@testable import Engines

@Suite("Commands and packages")
struct CommandTests {
    @Test("lines come one by one, and a bad end is told with the last of them")
    func fails() async throws {
        let lines = Mutex<[String]>([])
        await #expect(
            throws: EngineError.commandFailed(
                command: "/bin/sh -c echo one; echo two >&2; exit 4",
                status: "exited with code 4",
                output: "one\ntwo"
            )
        ) {
            try await Command.run("/bin/sh", ["-c", "echo one; echo two >&2; exit 4"]) { line in
                lines.withLock { $0.append(line) }
            }
        }
        #expect(lines.withLock { $0 } == ["one", "two"])
    }

    @Test(
        "the state of a package",
        arguments: [("install ok installed", true), ("deinstall ok config-files", false), ("", false)]
    )
    func installed(status: String, expected: Bool) {
        #expect(DebianPackages.isInstalled(status: status) == expected)
    }

    @Test("only packages that are not there are missing")
    func missing() async throws {
        #expect(try await DebianPackages().missing(["dpkg", "no-such-package-as-this"]) == ["no-such-package-as-this"])
    }

    @Test("progress is what apt-get fetches, unpacks and sets up")
    func progress() {
        #expect(DebianPackages.progress(in: "Setting up sipp (3.6.1) ...") == "Setting up sipp (3.6.1) ...")
        #expect(DebianPackages.progress(in: "Reading package lists...") == nil)
    }

    @Test("directories of an asterisk.conf are read, comments and arrows aside")
    func directories() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "asterisk.conf")
            try Data("[directories](!)\nastmoddir => /usr/lib/modules ; here\nastdatadir = /d\n;astx => /y\n".utf8)
                .write(to: file)
            let found = AsteriskInstallation.directories(inConfiguration: file)
            #expect(found == ["astmoddir": "/usr/lib/modules", "astdatadir": "/d"])
        }
    }
}
