import Apps
import ArgumentParser
import Foundation
import Logging
import Registry
import Roles
import Telemetry
import VoiceApp

struct App: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run one of the demo applications against a gateway.",
        subcommands: [TTS.self, ConferenceApp.self]
    )

    struct TTS: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tts",
            abstract: "Tells callers which Asterisk they have reached."
        )
        @OptionGroup var options: AppOptions

        func run() async throws { try await options.run { TextToSpeech(name: $0 ?? "tts") } }
    }

    struct ConferenceApp: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "conference",
            abstract: "Puts callers into the room named by the number they dialled."
        )
        @OptionGroup var options: AppOptions

        func run() async throws { try await options.run { Conference(name: $0 ?? "conference") } }
    }
}

/// Where an application finds its fleet.
struct AppOptions: ParsableArguments {
    @Option(help: "ARI's base URL. (default: http://127.0.0.1:8088/ari)") var gateway: String?
    @Option(help: "ARI user. (default: wazo)") var user: String?
    @Option(help: "ARI password; better given as ASTERISM_PASSWORD. (default: wazo)") var password: String?
    @Option(help: "The application's name, to which routes lead.") var name: String?
    @Option(help: "Address at which synthesized sound is served. (default: 127.0.0.1)") var soundHost: String?
    @Option(help: "Port of synthesized sound. (default: any free one)") var soundPort: Int?
    @Option(help: "Command that speaks: reads text, writes WAV to standard output. (default: espeak-ng)") var speech:
        String?
    @Option(help: "Where /status and /metrics are served, as host:port. (default: none)") var statusAddress: String?
    @Option(name: .customLong("config"), help: "YAML file with settings.") var configFile: String?
    @Option(help: "Log level. (default: info)") var logLevel: String?
    @Option(help: "Log lines as text or json. (default: text)") var logFormat: LogFormat?

    func run(_ make: (String?) -> any VoiceApp) async throws {
        let source = try await SettingsSource(file: configFile)
        try Logs.start(
            level: logLevel ?? source.string("log-level") ?? "info",
            format: logFormat ?? source.value("log-format")
        )
        var settings = VoiceAppSettings()
        settings.gateway = gateway ?? source.string("gateway") ?? settings.gateway
        settings.user = user ?? source.string("user") ?? settings.user
        settings.password = password ?? source.string("password") ?? settings.password
        settings.soundHost = soundHost ?? source.string("sound-host") ?? settings.soundHost
        settings.soundPort = try soundPort ?? source.value("sound-port") ?? settings.soundPort
        if let command = speech ?? source.string("speech") {
            settings.speech = CommandSpeechSynthesizer(command: command.split(separator: " ").map(String.init))
        }
        try await ApplicationRole(
            make(name),
            settings: settings,
            status: try (statusAddress ?? source.string("status-address")).map(HostPort.init(setting:)),
            logger: Logger(label: "asterism.app")
        ).run()
    }
}
