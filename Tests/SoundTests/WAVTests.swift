import Sound
import Testing

@Suite("WAV files")
struct WAVTests {
    let sound = WAV(sampleRate: 8000, samples: [0, 1, -1, 32_767, -32_768])

    @Test("what is written can be read")
    func roundTrip() throws {
        #expect(try WAV(file: sound.file) == sound)
        #expect(sound.file.count == 54)
    }

    @Test("a length left open by a program that wrote to a pipe")
    func openLength() throws {
        var file = sound.file
        file.replaceSubrange(40..<44, with: [0x00, 0xF0, 0xFF, 0x7F])
        #expect(try WAV(file: file) == sound)
    }

    @Test("chunks before the data are skipped, odd ones with their padding")
    func otherChunks() throws {
        var file = sound.file
        file.insert(contentsOf: Array("LIST".utf8) + [3, 0, 0, 0, 1, 2, 3, 0], at: 36)
        #expect(try WAV(file: file) == sound)
    }

    @Test("stereo becomes mono")
    func stereo() throws {
        var file = WAV(sampleRate: 8000, samples: [100, 300, -50, -50]).file
        file[22] = 2
        #expect(try WAV(file: file).samples == [200, -50])
    }

    @Test(
        "what is not a WAV file of 16-bit PCM is refused",
        arguments: [
            [], Array("RIFF".utf8), Array("ID3 something else altogether".utf8),
            Array(WAV(sampleRate: 8000, samples: [1]).file.prefix(30)),
            Array(WAV(sampleRate: 8000, samples: [1]).file.prefix(36)),
        ] as [[UInt8]]
    )
    func refused(file: [UInt8]) {
        #expect(throws: WAVError.self) { try WAV(file: file) }
    }

    @Test("8-bit sound is refused by name")
    func eightBit() {
        var file = sound.file
        file[34] = 8
        let error = #expect(throws: WAVError.self) { try WAV(file: file) }
        #expect(error?.reason == "kind 1, 8 bits, 1 channels, 8000 Hz; 16-bit PCM is needed")
    }
}
