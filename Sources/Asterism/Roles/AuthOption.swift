import Access
import ArgumentParser

/// Where the auth service is.
struct AuthOption: ParsableArguments {
    @Option(help: "Auth services, comma-separated, such as http://127.0.0.1:9497 or https://pbx.example/api/auth.")
    var auth: String?

    /// The addresses that flag, environment or file give; nil where none does.
    func addresses(_ source: SettingsSource) throws -> [AuthAddress]? {
        try (auth ?? source.string("auth")).map(AuthAddress.list)
    }
}
