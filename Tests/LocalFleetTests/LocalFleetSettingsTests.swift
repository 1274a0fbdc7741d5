import Foundation
import LocalFleet
import Testing

@Suite("Settings of a fleet on one machine")
struct LocalFleetSettingsTests {
    @Test("the state directory follows the user and XDG")
    func stateDirectory() {
        let directory = LocalFleetSettings.defaultStateDirectory(environment: ["XDG_STATE_HOME": "/x", "HOME": "/h"])
        #expect(["/var/lib/asterism", "/x/asterism"].contains(directory.path))
    }
}
