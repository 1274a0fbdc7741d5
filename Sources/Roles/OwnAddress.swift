import NIOCore

/// How other hosts reach this one.
package enum OwnAddress {
    /// The address to tell others: the one that was given, else that which is listened on, else that of the first network interface.
    package static func choose(advertise: String?, bind: String) -> String {
        if let advertise { return advertise }
        guard bind == "0.0.0.0" || bind == "::" else { return bind }
        return firstInterface ?? "127.0.0.1"
    }

    /// Whether one of our interfaces has this address. A name, or what cannot be found out, is taken to be ours.
    static func isOurs(_ address: String) -> Bool {
        guard (try? SocketAddress(ipAddress: address, port: 0)) != nil, let devices = try? System.enumerateDevices()
        else {
            return true
        }
        return devices.contains { $0.address?.ipAddress == address }
    }

    private static var firstInterface: String? {
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.compactMap { device -> String? in
            guard device.address?.protocol == .inet, let address = device.address?.ipAddress else { return nil }
            return address.hasPrefix("127.") ? nil : address
        }.first
    }
}
