import ARI
import NIOCore

/// The few members of an event that say where it goes, read without decoding the rest.
package struct EventHeader: Equatable {
    var type: String
    var application: String?
    var channelID: String?
    /// The variable of a `ChannelVarset`.
    var variable: String?

    /// Reads the first level of the object and, of its `channel`, the id. Nil when it is not an object with a type.
    init?(_ body: ByteBuffer) {
        var type: String?
        var application: String?
        var channelID: String?
        var variable: String?
        let isObject = body.withUnsafeReadableBytes { bytes in
            var scanner = JSONScanner(bytes: bytes)
            return scanner.members { scanner, key in
                if key.elementsEqual("type".utf8) {
                    type = scanner.string()
                } else if key.elementsEqual("application".utf8) {
                    application = scanner.string()
                } else if key.elementsEqual("channel".utf8) {
                    _ = scanner.members { scanner, key in
                        if key.elementsEqual("id".utf8) { channelID = scanner.string() } else { scanner.skip() }
                    }
                } else if key.elementsEqual("variable".utf8) {
                    variable = scanner.string()
                } else {
                    scanner.skip()
                }
            }
        }
        guard isObject, let type else { return nil }
        self.init(type: type, application: application, channelID: channelID, variable: variable)
    }

    init(type: String, application: String? = nil, channelID: String? = nil, variable: String? = nil) {
        self.type = type
        self.application = application
        self.channelID = channelID
        self.variable = variable
    }
}
