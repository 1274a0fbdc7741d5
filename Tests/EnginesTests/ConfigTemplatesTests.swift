import Foundation
import Testing

@testable import Engines

@Suite("Templates")
struct ConfigTemplatesTests {
    @Test("values are put in as they are, lists and conditions work")
    func renders() async throws {
        try await withTemporaryFolder { folder in
            let text = "a={{a}}\n{{#list}}\n- {{x}}\n{{/list}}\n{{^none}}\nnone\n{{/none}}\n"
            try Data(text.utf8).write(to: folder.appending(path: "t.conf.mustache"))
            let rendered = try ConfigTemplates(directory: folder)
                .render("t.conf", ["a": "<\"&'>", "list": [["x": 1], ["x": 2]], "none": false])
            #expect(rendered == "a=<\"&'>\n- 1\n- 2\nnone\n")
        }
    }

    @Test("a missing template is named")
    func missing() async throws {
        try await withTemporaryFolder { folder in
            #expect {
                try ConfigTemplates(directory: folder).render("kamailio/kamailio.cfg", [:])
            } throws: {
                "\($0)".contains("kamailio/kamailio.cfg.mustache cannot be read")
            }
        }
    }

    @Test("they are found above the executable, in a source tree")
    func located() throws {
        let found = try ConfigTemplates.locate(explicit: nil)
        #expect(FileManager.default.fileExists(atPath: found.directory.appending(path: "asterisk").path))
    }

    @Test("an installed program looks in share")
    func installed() {
        let candidates = ConfigTemplates.candidates(executable: URL(filePath: "/usr/local/bin/asterism"))
        #expect(candidates.last?.path == "/usr/local/share/asterism/config")
    }

    @Test("a folder without templates is refused by name")
    func refused() async throws {
        try await withTemporaryFolder { folder in
            #expect(throws: EngineError.templatesNotFound(searched: [folder.path])) {
                try ConfigTemplates.locate(explicit: folder.path)
            }
        }
    }
}
