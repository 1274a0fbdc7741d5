import Engines
import Foundation
import NIOCore
import NIOPosix
import Registry

/// What must be there before a fleet starts: packages, an Asterisk, free ports. Installs what is missing.
package struct Preflight: Sendable {
    /// The Debian packages of the engines, and of a built-in phone that says what it heard.
    package static let packages = ["kamailio", "kamailio-extra-modules", "espeak-ng"]
    /// What unpacks Asterisk where none is installed.
    static let unpackers = ["mmdebstrap"]

    let settings: LocalFleetSettings
    let onProgress: @Sendable (String) -> Void

    package init(settings: LocalFleetSettings, onProgress: @escaping @Sendable (String) -> Void) {
        self.settings = settings
        self.onProgress = onProgress
    }

    private var engines: URL { settings.stateDirectory.appending(path: "engines") }

    /// Installs packages and unpacks Asterisk, where that is needed.
    package func prepareEngines() async throws(EngineError) -> AsteriskInstallation {
        let packages = DebianPackages(onProgress: onProgress)
        var wanted = settings.speechCommand == nil ? Self.packages : Self.packages.filter { $0 != "espeak-ng" }
        // A program that is there without its package, from source or another distribution, will do.
        wanted = wanted.filter { !Self.isProgram($0) || Command.find($0) == nil }
        try await packages.install(wanted)
        if let installation = try await AsteriskInstallation.find(engines: engines) { return installation }
        if Command.find("mmdebstrap") == nil { try await packages.install(Self.unpackers) }
        onProgress("unpacking Asterisk 22 into \(engines.path)")
        let tree = AsteriskTree(engines: engines)
        try await tree.unpack(onProgress: onProgress)
        return try await tree.installation()
    }

    private static func isProgram(_ package: String) -> Bool { package == "kamailio" || package == "espeak-ng" }

    /// Tries every port, so that the first message names the one that is taken.
    package func checkPorts() async throws(LocalFleetError) {
        let edges = [settings.sip] + (settings.listen.map { [HostPort(host: $0, port: settings.sip.port)] } ?? [])
        for address in edges {
            try await Self.bind(address, tcp: false, use: "SIP")
            try await Self.bind(address, tcp: true, use: "SIP")
        }
        try await Self.bind(settings.rpc, tcp: true, use: "Kamailio's RPC")
        try await Self.bind(settings.gateway, tcp: true, use: "the gateway")
        try await Self.bind(settings.sound, tcp: true, use: "synthesized sound")
    }

    private static func bind(_ address: HostPort, tcp: Bool, use: String) async throws(LocalFleetError) {
        let group = MultiThreadedEventLoopGroup.singleton
        do {
            let channel: any Channel =
                if tcp {
                    try await ServerBootstrap(group: group).serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                        .bind(host: address.host, port: address.port).get()
                } else {
                    try await DatagramBootstrap(group: group).bind(host: address.host, port: address.port).get()
                }
            try await channel.close().get()
        } catch {
            throw .portTaken(kind: tcp ? "tcp" : "udp", address: "\(address)", use: use, detail: "\(error)")
        }
    }
}
