import Engines
import Foundation
import Registry

/// What a node's configuration files say, as a value: the fixed part and what changes while the fleet lives.
struct NodeConfiguration: Equatable {
    /// The agent's own application: it sees everything, and legs arrive in it.
    static let observer = "asterism"

    var settings: NodeSettings
    var installation: AsteriskInstallation
    /// Where Asterisk dials for events; nil when we dial it.
    var link: LinkTarget?
    /// The client applications, sorted.
    var applications: [String] = []
    /// Dialled number -> application.
    var routes: [String: String] = [:]
    /// The other nodes, sorted by name.
    var peers: [Peer] = []
    var isDraining = false

    struct LinkTarget: Codable, Hashable {
        var port: Int
        var credentials: Credentials
    }

    struct Peer: Equatable {
        var name: String
        var sip: HostPort
    }

    /// What the templates' tags stand for.
    var values: [String: Any] {
        let settings = settings
        return [
            "run": settings.directory.path, "modules": installation.moduleDirectory.path,
            "data": installation.dataDirectory.path, "music": installation.musicDirectory?.path ?? "",
            "hasMusic": installation.musicDirectory != nil,
            "name": settings.name, "id": settings.id, "nickname": settings.nickname,
            "sipHost": settings.sip.host, "sipPort": settings.sip.port,
            "ariHost": settings.ari.host, "ariPort": settings.ari.port,
            "ariUser": settings.ariCredentials.user, "ariPassword": settings.ariCredentials.password,
            "amiHost": settings.ami.host, "amiPort": settings.ami.port,
            "publishesManagerEvents": settings.publishing.publishAMIEvents,
            "amiUser": settings.amiCredentials.user, "amiPassword": settings.amiCredentials.password,
            "rtpStart": settings.rtpPorts.lowerBound, "rtpEnd": settings.rtpPorts.upperBound,
            "bindToMediaAddress": settings.isMediaAddressLocal,
            "mediaAddress": settings.mediaAddress, "legAddress": settings.legAddress,
            "edgeHost": settings.edge.host, "edgePort": settings.edge.port, "fleetSecret": settings.fleetSecret,
            "observerApplication": Self.observer, "outbound": link != nil,
            "linkBase": "ws://127.0.0.1:\(link?.port ?? 0)", "linkUser": link?.credentials.user ?? "",
            "linkPassword": link?.credentials.password ?? "",
            "hasApplications": !applications.isEmpty, "applicationList": applications.joined(separator: ","),
            "draining": isDraining,
            "routes": routes.sorted { $0.key < $1.key }.map { ["number": $0.key, "application": $0.value] },
            "peers": peers.map { ["name": $0.name, "host": $0.sip.host, "port": $0.sip.port] as [String: Any] },
        ]
    }
}
