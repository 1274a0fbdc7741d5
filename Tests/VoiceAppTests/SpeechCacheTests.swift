import Sound
import Synchronization
import Testing

@testable import VoiceApp

/// Speaks silence, and counts.
final class CountingSynthesizer: SpeechSynthesizer {
    let fingerprint: String
    let count = Mutex(0)
    private let fails: Bool

    init(_ fingerprint: String = "counting", fails: Bool = false) {
        self.fingerprint = fingerprint
        self.fails = fails
    }

    func synthesize(_ text: String) async throws -> WAV {
        count.withLock { $0 += 1 }
        for _ in 0..<10 { await Task.yield() }
        if fails { throw SpeechError.notAWAV("on purpose") }
        return WAV(sampleRate: 8000, samples: Array(repeating: 0, count: 478))
    }
}

@Suite("Speech cache")
struct SpeechCacheTests {
    @Test("many calls that say the same at once synthesize once")
    func singleFlight() async throws {
        let synthesizer = CountingSynthesizer()
        let cache = SpeechCache(synthesizer: synthesizer)
        let keys = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await cache.prepare("hello") } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(keys == [cache.key(of: "hello")])
        #expect(synthesizer.count.withLock { $0 } == 1)
        #expect(await cache.size == 1000)
    }

    @Test("a failure reaches all who waited, and the next one tries again")
    func failure() async {
        let synthesizer = CountingSynthesizer(fails: true)
        let cache = SpeechCache(synthesizer: synthesizer)
        for _ in 0..<2 {
            await #expect(throws: SpeechError.notAWAV("on purpose")) { try await cache.prepare("hello") }
        }
        #expect(synthesizer.count.withLock { $0 } == 2)
    }

    @Test("what was used longest ago goes first")
    func eviction() async throws {
        let cache = SpeechCache(synthesizer: CountingSynthesizer(), limit: 2500)
        let one = try await cache.prepare("one")
        let two = try await cache.prepare("two")
        _ = await cache.sound(one)
        let three = try await cache.prepare("three")
        #expect(await cache.sound(one) != nil)
        #expect(await cache.sound(two) == nil)
        #expect(await cache.sound(three) != nil)
        #expect(await cache.size == 2000)
    }

    @Test("a sound larger than the cache is refused")
    func tooLarge() async {
        let cache = SpeechCache(synthesizer: CountingSynthesizer(), limit: 999)
        await #expect(throws: SpeechError.cacheTooSmall(needs: 1000, limit: 999)) { try await cache.prepare("hello") }
    }

    @Test("the key depends on text and synthesizer, and is a digest")
    func keys() {
        let cache = SpeechCache(synthesizer: CountingSynthesizer())
        let other = SpeechCache(synthesizer: CountingSynthesizer("another voice"))
        #expect(cache.key(of: "a") != cache.key(of: "b"))
        #expect(cache.key(of: "a") != other.key(of: "a"))
        #expect(cache.key(of: "a").count == 64)
        #expect(cache.key(of: "a").allSatisfy { $0.isHexDigit })
    }
}
