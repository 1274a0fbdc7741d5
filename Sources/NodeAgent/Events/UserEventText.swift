import ARI
import Fleet
import Foundation
import NIOCore
import NIOFoundationCompat

/// The text of user events as it goes on the bus.
enum UserEventText {
    /// With the bridge that it carries where it belongs; one that carries none stays as Asterisk wrote it.
    static func unpacked(_ body: ByteBuffer) -> ByteBuffer {
        guard body.readableBytesView.firstRange(of: CarriedBridge.variable.utf8) != nil,
            let event = try? JSONDecoder().decode(JSONValue.self, from: body),
            let told = CarriedBridge.unpacked(event), let text = try? JSONEncoder().encode(told)
        else { return body }
        return ByteBuffer(data: text)
    }
}
