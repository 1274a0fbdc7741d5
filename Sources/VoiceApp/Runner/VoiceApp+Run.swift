import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// Where an application finds its fleet, and the fleet its sounds.
public struct VoiceAppSettings: Sendable {
    /// ARI's base URL.
    public var gateway = "http://127.0.0.1:8088/ari"
    /// ARI user.
    public var user = "wazo"
    /// Its password.
    public var password = "wazo"
    /// Where synthesized sound is served, and how the nodes reach it.
    public var soundHost = "127.0.0.1"
    /// 0 for any free port.
    public var soundPort = 0
    /// What ``Call/say(_:)`` speaks with.
    public var speech: any SpeechSynthesizer = CommandSpeechSynthesizer()
    /// What becomes of calls when the program is told to stop.
    public var shutdown = ShutdownPolicy.hangUp(after: .seconds(5))

    /// The demo fleet of `make up` on this machine.
    public init() {}

    /// As ``init()``, changed by `ASTERISM_GATEWAY`, `ASTERISM_USER`, `ASTERISM_PASSWORD`, `ASTERISM_SOUND_HOST` and
    /// `ASTERISM_SOUND_PORT`.
    public init(environment: [String: String]) {
        gateway = environment["ASTERISM_GATEWAY"] ?? gateway
        user = environment["ASTERISM_USER"] ?? user
        password = environment["ASTERISM_PASSWORD"] ?? password
        soundHost = environment["ASTERISM_SOUND_HOST"] ?? soundHost
        soundPort = environment["ASTERISM_SOUND_PORT"].flatMap(Int.init) ?? soundPort
    }
}

extension VoiceApp {
    /// Runs this application as the whole program, until SIGINT or SIGTERM. A larger program puts a ``VoiceAppRunner`` and a
    /// ``SoundServer`` into a `ServiceGroup` of its own.
    public func run(
        _ settings: VoiceAppSettings = VoiceAppSettings(environment: ProcessInfo.processInfo.environment),
        logger: Logger = Logger(label: "asterism.app")
    ) async throws {
        let sounds = SoundServer(
            cache: SpeechCache(synthesizer: settings.speech),
            host: settings.soundHost,
            port: settings.soundPort,
            logger: logger
        )
        let runner = VoiceAppRunner(
            self,
            gateway: settings.gateway,
            user: settings.user,
            password: settings.password,
            sounds: sounds,
            shutdown: settings.shutdown,
            logger: logger
        )
        let group = ServiceGroup(
            services: [sounds, runner],
            gracefulShutdownSignals: [.sigint, .sigterm],
            logger: logger
        )
        try await group.run()
    }
}
