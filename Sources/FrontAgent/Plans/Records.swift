import Foundation
import Registry

extension GatewayRecord {
    init?(json: [UInt8]) {
        guard let record = try? JSONDecoder().decode(GatewayRecord.self, from: Data(json)) else { return nil }
        self = record
    }
}

extension HostPort {
    /// Whether it can stand in a configuration file: a name or an address of the usual letters, and a real port.
    var isPlain: Bool {
        (1...65_535).contains(port) && !host.isEmpty && host.utf8.count < 254 && host.first != "-"
            && host.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_", ":": true
                default: false
                }
            }
    }
}
