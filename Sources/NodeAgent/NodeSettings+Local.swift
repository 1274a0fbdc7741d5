import Fleet
import Foundation
import Registry

extension NodeSettings {
    /// The settings of the node with a number in a fleet on one machine: all ports follow from the number.
    /// - Parameters:
    ///   - number: from 1.
    ///   - runDirectory: the fleet's `run` folder.
    ///   - portOffset: added to every port, so that fleets can stand side by side.
    ///   - adoptsRunning: whether Asterisk outlives its agent.
    ///   - address: where the edge, the gateways and the other nodes reach it.
    ///   - listen: the address that phones reach; nil if it is the same.
    package static func local(
        number: Int,
        runDirectory: URL,
        fleetSecret: String,
        portOffset: Int = 0,
        address: String = "127.0.0.1",
        listen: String? = nil,
        link: LinkChoice = .automatic,
        adoptsRunning: Bool = false
    ) -> NodeSettings {
        let name = "ast\(number)"
        let loopback = "127.0.0.1"
        let firstMediaPort = 10_000 + 1_000 * (number - 1) + portOffset
        return NodeSettings(
            name: name,
            id: entityID(number: number),
            nickname: Nickname.of(index: number),
            sip: HostPort(host: address, port: 5_070 + number + portOffset),
            ari: HostPort(host: address, port: 8_100 + number + portOffset),
            ami: HostPort(host: loopback, port: 8_200 + number + portOffset),
            rtpPorts: firstMediaPort...(firstMediaPort + 999),
            mediaAddress: listen ?? address,
            legAddress: address,
            edge: HostPort(host: loopback, port: 5_060 + portOffset),
            fleetSecret: fleetSecret,
            ariCredentials: Credentials(user: "asterism", password: secret()),
            amiCredentials: Credentials(user: "asterism", password: secret()),
            directory: runDirectory.appending(path: "nodes/\(name)"),
            link: link,
            adoptsRunning: adoptsRunning,
            linkPort: adoptsRunning ? 8_300 + number + portOffset : 0
        )
    }

    /// A random secret: 32 hexadecimal digits, 128 bits.
    package static func secret() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// A locally administered MAC address, which no network card has.
    package static func entityID(number: Int) -> String {
        func octet(_ value: Int) -> String { (value < 16 ? "0" : "") + String(value, radix: 16) }
        return "02:61:73:74:\(octet(number >> 8 & 255)):\(octet(number & 255))"
    }
}
