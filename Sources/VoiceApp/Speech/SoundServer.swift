import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Serves synthesized speech to whichever Asterisk plays it, as `http://HOST:PORT/sounds/KEY.wav`.
///
/// Only what is in the ``SpeechCache`` can be fetched, under names that nobody guesses; nothing is read from disk. Asterisk keeps
/// a copy (`res_http_media_cache`), so that each node fetches a sound once.
public struct SoundServer: Service {
    /// What is served.
    public let cache: SpeechCache
    private let host: String
    private let port: Int
    private let publicHost: String
    private let logger: Logger
    /// Shared by the copies of this value: known once the socket is bound, which matters when ``port`` is 0.
    private let boundPort = BoundPort()

    private final class BoundPort: Sendable {
        let value = Mutex<Int?>(nil)
    }

    /// - Parameters:
    ///   - host: address to listen at.
    ///   - port: 0 for any free one.
    ///   - publicHost: how the nodes reach this server; nil when that is `host`.
    public init(
        cache: SpeechCache,
        host: String = "127.0.0.1",
        port: Int = 8001,
        publicHost: String? = nil,
        logger: Logger = Logger(label: "asterism.sounds")
    ) {
        self.cache = cache
        self.host = host
        self.port = port
        self.publicHost = publicHost ?? host
        self.logger = logger
    }

    /// The media that says a text, ready to be played.
    /// - Throws: ``SpeechError``.
    public func media(saying text: String) async throws -> Media {
        guard let port = boundPort.value.withLock({ $0 }) else { throw SpeechError.notServing }
        let key = try await cache.prepare(text)
        return Media("sound:http://\(publicHost):\(port)/sounds/\(key).wav")
    }

    /// Serves until a graceful shutdown or cancellation.
    public func run() async throws {
        // A restart of this service binds anew.
        defer { boundPort.value.withLock { $0 = nil } }
        let application = Application(
            router: Self.router(cache),
            configuration: .init(address: .hostname(host, port: port), serverName: "asterism"),
            onServerRunning: { channel in boundPort.value.withLock { $0 = channel.localAddress?.port } },
            logger: logger
        )
        try await application.run()
    }

    private static func router(_ cache: SpeechCache) -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get("sounds/:file") { request, context in
            let name = try context.parameters.require("file")
            guard name.hasSuffix(".wav"), let sound = await cache.sound(String(name.dropLast(4))) else {
                throw HTTPError(.notFound)
            }
            // A key names one content for ever.
            let tag = "\"\(name.dropLast(4))\""
            var headers: HTTPFields = [.eTag: tag, .cacheControl: "public, max-age=31536000, immutable"]
            if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
            headers[.contentType] = "audio/wav"
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: sound)))
        }
        return router
    }
}
