import Engines
import Registry
import Testing

@testable import NodeAgent

@Suite("An Asterisk of somebody else")
struct AttachedSettingsTests {
    @Test(
        "without a name that its channels carry it cannot be a node",
        arguments: [("ast1", nil), ("", "set `systemname`"), ("my pbx", "more than letters")] as [(String, String?)]
    )
    func names(name: String, complaint: String?) {
        let identity = AsteriskIdentity(id: "aa:bb", name: name, startupTime: "now")
        let address = HostPort(host: "10.0.0.9", port: 8088)
        do {
            try NodeSettings.check(identity, at: address)
            #expect(complaint == nil)
        } catch {
            let text = "\(error)"
            #expect(complaint.map(text.contains) == true)
            #expect(text.contains("10.0.0.9:8088"))
        }
    }
}
