import Foundation
import Telemetry
import Testing

@Suite("docs/monitoring.md")
struct DocumentationTests {
    @Test("lists every metric with its type, and no other")
    func metrics() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/monitoring.md")
        var listed: [String: String] = [:]
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 2 else { continue }
            let names = cells[0].matches(of: /`((?:asterism|process)_[a-z_]+)`/).map { String($0.1) }
            for name in names { listed[name] = cells[1] }
        }
        let declared = Dictionary(uniqueKeysWithValues: FleetMetrics.all.map { ($0.name, $0.kind.rawValue) })
        #expect(listed == declared)
    }
}
