import ARI
import ApplicationdClient
import ArgumentParser
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// The demo application: whoever dials 6001 is answered and put into one room, on whichever node the call is.
@main
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wazo-app-test",
        abstract:
            "Answer every call of an application and put it into one node, which is applicationd's word for a bridge."
    )

    @Option(help: "Where auth, applicationd and websocketd are.") var host = "127.0.0.1"
    @Option(help: "Port of auth.") var authPort = 9497
    @Option(help: "Port of applicationd.") var applicationdPort = 8000
    @Option(help: "Port of websocketd.") var websocketdPort = 9502
    @Option(help: "Who asks for a token.") var username = "admin"
    @Option(help: "And the password.") var password = "secret"
    @Option(help: "Name to register.") var application = "test"
    @Option(help: "Name of the node that calls meet in.") var node = "bigone"

    func run() async throws {
        let token = try await Token.take(host: host, port: authPort, user: username, password: password)
        let applicationd = ApplicationdClient(baseURL: "http://\(host):\(applicationdPort)", token: token)
        let registered = try await applicationd.register(application)
        say("registered \(application) as \(registered.uuid)")

        let socket = try await WebSocketConnection.connect(
            host: host,
            port: websocketdPort,
            target: "/api/websocketd/?version=2",
            headers: ["X-Auth-Token": token],
            silence: .seconds(90)
        )
        let closure = try await socket.run { message, writer in
            guard case .text(let text) = message else { return }
            switch try JSONDecoder().decode(Frame.self, from: text) {
            case .initial:
                try await writer.send(ByteBuffer(string: Frame.subscribe("user_outgoing_call_created")))
                try await writer.send(ByteBuffer(string: Frame.start))
            case .started: say("listening")
            case .callCreated(let call): await take(call, applicationd)
            case .other: break
            }
        }
        say("the socket is closed (\(closure.code.map(String.init) ?? closure.reason))")
    }

    /// Answers a call and puts it into the node. It may have hung up meanwhile, which is no reason to stop.
    private func take(_ created: Frame.Created, _ applicationd: ApplicationdClient) async {
        let (call, application) = (created.call.id, applicationd.application(created.application_uuid))
        do {
            try await application.answer(call)
            let node = try await application.fill(node: node, with: [call])
            say("call \(call) is in node \(node): success !!!")
        } catch {
            say("call \(call): \(error)")
        }
    }
}

/// Prints a line at once, also into a pipe.
func say(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }
