import ARI
import ArgumentParser
import NIOCore
import NIOWebSocket
import Registry
import ServiceLifecycle
import Synchronization

struct ListenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "A client of the gateway's events, which checks their order and measures how late they are.",
        discussion: "Commands: `report` tells what has come since the last `reset`."
    )

    @Option(help: "The gateway's port on 127.0.0.1.")
    var port = 30_000

    @Option(help: "The application to hold.")
    var app = "simulated"

    func run() async throws {
        try await SimulatorProcess.run(ListenService(port: port, application: app))
    }
}

/// One client.
private struct ListenService: Service {
    let port: Int
    let application: String

    private struct Ready: Encodable { var ready: String }

    func run() async throws {
        let credentials = SimulatedNode.credentials
        let client = ARIClient(
            baseURL: "http://127.0.0.1:\(port)/ari",
            user: credentials.user,
            password: credentials.password
        )
        let tally = TallyBox()
        try await cancelWhenGracefulShutdown {
            // Nothing is told of the calls there are: with many of them that would be all that is measured.
            let socket = try await client.openSocket(["events"], query: [("app", application), ("resume", "none")])
            CommandLines.say(Ready(ready: application))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    let end = try await socket.run { message, _ in
                        guard case .text(let text) = message else { return }
                        tally.take(text)
                    }
                    throw SimulatorError("the gateway ended the socket: \(end.code ?? 0) \(end.reason)")
                }
                tasks.addTask {
                    for await words in CommandLines.read() {
                        switch words {
                        case ["report"]: CommandLines.say(tally.report)
                        case ["reset"]: tally.reset()
                        default: CommandLines.say(SimulatorError("commands are report and reset"))
                        }
                    }
                }
                try await tasks.next()
                tasks.cancelAll()
            }
        }
    }
}

private final class TallyBox: Sendable {
    private let tally = Mutex(EventTally())

    func take(_ text: ByteBuffer) { tally.withLock { $0.take(text, now: NIODeadline.now().uptimeNanoseconds) } }
    func reset() { tally.withLock { $0.reset() } }
    var report: EventTally.Report { tally.withLock { $0.report } }
}
