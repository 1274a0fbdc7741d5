import Logging
import Registry
import ServiceLifecycle
import VoiceApp

/// `asterism app`: one of the demo applications, as a process of its own. It knows ARI and nothing else of the fleet.
package struct ApplicationRole: Sendable {
    private let app: any VoiceApp
    private let settings: VoiceAppSettings
    private let status: HostPort?
    private let logger: Logger

    package init(_ app: any VoiceApp, settings: VoiceAppSettings, status: HostPort?, logger: Logger) {
        self.app = app
        self.settings = settings
        self.status = status
        self.logger = logger
    }

    /// Runs until SIGTERM.
    package func run() async throws {
        let process = RoleProcess(role: "app", name: app.name, status: status, logger: logger)
        let sounds = SoundServer(
            cache: SpeechCache(synthesizer: settings.speech),
            host: settings.soundHost,
            port: settings.soundPort,
            logger: logger
        )
        let runner = VoiceAppRunner(
            app,
            gateway: settings.gateway,
            user: settings.user,
            password: settings.password,
            sounds: sounds,
            shutdown: settings.shutdown,
            logger: logger
        )
        try await process.run([sounds, runner])
    }
}
