import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import Sound
import Testing

@testable import VoiceApp

@Suite("Sound server")
struct SoundServerTests {
    let server = SoundServer(
        cache: SpeechCache(synthesizer: CountingSynthesizer()),
        port: 0,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )

    /// Runs the server around `body`, which gets the URL of a sound.
    private func serving(_ body: (String) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            var media = try? await server.media(saying: "hello")
            while media == nil {
                try await Task.sleep(for: .milliseconds(5))
                media = try? await server.media(saying: "hello")
            }
            try await body(String(media?.uri.dropFirst("sound:".count) ?? ""))
            group.cancelAll()
        }
    }

    private func get(_ url: String, method: HTTPMethod = .GET, tag: String? = nil) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url)
        request.method = method
        if let tag { request.headers.add(name: "If-None-Match", value: tag) }
        return try await HTTPClient.shared.execute(request, timeout: .seconds(5))
    }

    @Test("a sound is fetched as a WAV file, and asked about")
    func fetching() async throws {
        try await serving { url in
            let response = try await get(url)
            #expect(response.status == .ok)
            #expect(response.headers["Content-Type"] == ["audio/wav"])
            #expect(response.headers["Content-Length"] == ["1000"])
            let bytes = try await response.body.collect(upTo: 1 << 20)
            #expect(try WAV(file: Array(buffer: bytes)).samples.count == 478)

            let tag = response.headers["ETag"].first
            #expect(try await get(url, tag: tag).status == .notModified)
            #expect(try await get(url, tag: "\"another\"").status == .ok)

            let head = try await get(url, method: .HEAD)
            #expect(head.status == .ok)
            #expect(head.headers["Content-Length"] == ["1000"])
        }
    }

    @Test("nothing else is there")
    func others() async throws {
        try await serving { url in
            let root = String(url.prefix(upTo: url.firstRange(of: "/sounds/")?.lowerBound ?? url.endIndex))
            for path in [
                "/sounds/", "/sounds/x.wav", "/sounds/..%2f..%2fetc%2fpasswd.wav", "/", "/sounds",
                "/sounds/" + String(repeating: "0", count: 64) + ".wav",
            ] {
                let status = try await get(root + path).status
                #expect(status == .notFound, "\(path)")
            }
            let bare = try await get(url.replacing(".wav", with: "")).status
            #expect(bare == .notFound)
            let deletion = try await get(url, method: .DELETE).status
            #expect(deletion != .ok)
        }
    }

    @Test("without a running server, saying fails at once")
    func notRunning() async {
        await #expect(throws: SpeechError.notServing) { try await server.media(saying: "hello") }
    }
}
