import Foundation
import Logging
import Synchronization
import Testing

@testable import Telemetry

@Suite("Logs as JSON")
struct JSONLogTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private let lines = Lines()

    private func logger(level: Logger.Level = .trace) -> Logger {
        let lines = lines
        return Logger(label: "asterism.node") { label in
            JSONLogHandler(
                label: label,
                level: level,
                now: { Date(timeIntervalSince1970: 1_700_000_000.042) },
                write: { line in lines.all.withLock { $0.append(line) } }
            )
        }
    }

    private func decoded() throws -> [String: Any] {
        let line = try #require(lines.all.withLock { $0.last })
        #expect(line.hasSuffix("}\n"))
        #expect(line.dropLast().allSatisfy { !$0.isNewline })
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test("one object per line, with time, level, label, message and metadata side by side")
    func plain() throws {
        var logger = logger()
        logger[metadataKey: "node"] = "ast1"
        logger.warning("link lost", metadata: ["channel": "ast1-17.3", "attempts": "\(4)"])
        #expect(
            lines.all.withLock { $0 } == [
                #"{"timestamp":"2023-11-14T22:13:20.042Z","level":"warning","label":"asterism.node","#
                    + #""message":"link lost","attempts":"4","channel":"ast1-17.3","node":"ast1"}"# + "\n"
            ]
        )
    }

    @Test("metadata of a message goes before that of its logger, and nesting is flattened")
    func metadata() throws {
        var logger = logger()
        logger[metadataKey: "node"] = "ast1"
        logger.info("x", metadata: ["node": "ast2", "peer": ["host": "::1", "port": "80"], "tags": ["a", "b\"c"]])
        let object = try decoded()
        #expect(object["node"] as? String == "ast2")
        #expect(object["peer.host"] as? String == "::1")
        #expect(object["peer.port"] as? String == "80")
        #expect(object["tags"] as? [String] == ["a", "b\"c"])
    }

    @Test("metadata cannot pass for a field of ours")
    func reserved() throws {
        logger().info("x", metadata: ["level": "fatal", "message": "forged"])
        let object = try decoded()
        #expect(object["level"] as? String == "info")
        #expect(object["metadata.level"] as? String == "fatal")
        #expect(object["metadata.message"] as? String == "forged")
    }

    @Test(
        "no text breaks the line or the object",
        arguments: [
            "a\nb", "a\r\nb", "\"}{\"", "\\", "\u{0}\u{1}\u{1b}[31m", "\u{2028}\u{85}", "ünï ⁂", "",
        ]
    )
    func hostile(text: String) throws {
        logger().info("\(text)", metadata: ["\(text)k": "\(text)"])
        let object = try decoded()
        #expect(object["message"] as? String == text)
        #expect(object["\(text)k"] as? String == text)
    }

    @Test("an error is written as its message and its type")
    func errors() throws {
        logger().error("failed", error: StatusServerError.cannotListen("127.0.0.1:1", "no"))
        let object = try decoded()
        #expect((object["error.message"] as? String)?.contains("127.0.0.1:1") == true)
        #expect(object["error.type"] as? String == "Telemetry.StatusServerError")
    }

    @Test("lines of many threads never mix")
    func threads() async throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        let text = String(repeating: "x", count: 6000)
        // A thread of its own: writers that wait for it may hold all of Swift's.
        let (results, result) = AsyncStream.makeStream(of: Data.self)
        let reading = pipe.fileHandleForReading
        Thread.detachNewThread { result.yield(reading.readDataToEndOfFile()) }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    for _ in 0..<20 { StandardError.write("\(number)\(text)\(number)\n", to: descriptor) }
                }
            }
        }
        try pipe.fileHandleForWriting.close()
        let lines = String(decoding: try #require(await results.first { _ in true }), as: UTF8.self).split(
            separator: "\n"
        )
        #expect(lines.count == 160)
        #expect(lines.allSatisfy { $0.count == 6002 && $0.first == $0.last })
    }
}
