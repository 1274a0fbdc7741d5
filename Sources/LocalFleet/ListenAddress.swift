import NIOCore

/// Turns what `--listen` names, an address or an interface, into an address.
enum ListenAddress {
    static func resolve(_ text: String) throws(LocalFleetError) -> String {
        let devices = (try? System.enumerateDevices()) ?? []
        if let device = devices.first(where: { $0.name == text && $0.address?.protocol == .inet }),
            let address = device.address?.ipAddress
        {
            return address
        }
        guard devices.contains(where: { $0.address?.ipAddress == text }) else { throw .badListenAddress(text) }
        return text
    }
}
