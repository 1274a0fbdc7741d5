import ArgumentParser
import Foundation
import Operator

/// Which fleet an operator's command works on: the one of a state directory, or one named by its address.
struct ConnectionOptions: ParsableArguments {
    @Option(help: "State directory of the fleet. (default: as for `asterism up`)") var stateDir: String?
    @Option(
        help:
            "Address of a gateway, such as http://127.0.0.1:8088; the key comes from ASTERISM_USER and ASTERISM_PASSWORD."
    )
    var url: String?
    @Option(name: .shortAndLong, help: "text or json.") var output = OutputFormat.text

    func client() async throws -> FleetClient {
        let source = try await SettingsSource(file: nil)
        try Logs.start(level: source.string("log-level"), format: source.value("log-format"))
        if let url = url ?? source.string("url") {
            guard let user = source.string("user"), let password = source.string("password") else {
                throw ValidationError("with --url the key is needed too: set ASTERISM_USER and ASTERISM_PASSWORD")
            }
            return FleetClient(FleetConnection(url: url, user: user, password: password))
        }
        return FleetClient(try FleetConnection(stateDirectory: StateDirectory.choose(stateDir, source)))
    }
}
