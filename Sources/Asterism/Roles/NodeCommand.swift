import ArgumentParser
import Foundation
import Logging
import NodeAgent
import Registry
import Roles

struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "Run one Asterisk of a cluster and the agent beside it.",
        discussion: """
            A node without --name and --number takes the lowest number that is free in the fleet; its name (ast1), its nickname, its \
            entity id and its ports follow from that. SIGTERM stops Asterisk and takes the node out of the fleet; `asterism drain` \
            first lets its calls end. With --attach the agent works beside an Asterisk that somebody else runs and configures.
            """
    )

    @OptionGroup var options: ClusterOptions
    @Option(help: "Number of the node, from 1.") var number: Int?
    @Option(help: "Name that callers hear.") var nickname: String?
    @Option(help: "Address that phones send sound to. (default: --advertise)") var mediaAddress: String?
    @Option(help: "Where the edge is until the registry tells, as host:port. (default: 127.0.0.1:5060)")
    var edge: String?
    @Option(help: "Added to every port. (default: 0)") var portOffset: Int?
    @Option(help: "Share of new calls under weighted balancing. (default: 1)") var weight: Int?
    @Option(help: "Folder of the node's files. (default: nodes/NAME in the state directory)") var directory: String?
    @Flag(inversion: .prefixedNo, help: "Publish the events of the manager interface. (default: yes)")
    var publishAmiEvents: Bool?
    @Flag(inversion: .prefixedNo, help: "Publish the events of channels that no application asked for. (default: yes)")
    var publishChannelEvents: Bool?
    @Option(help: "Types of events that are not published, comma-separated.") var excludeEvents: String?
    @Option(help: "Variables whose ChannelVarset is published, comma-separated. (default: all)")
    var includeChannelvarsetEvents: String?
    @Option(help: "ARI of an Asterisk that runs already; who we are there: ASTERISM_ATTACH_USER, _PASSWORD.")
    var attach: String?
    @Option(help: "SIP of that Asterisk, as host:port. (default: port 5060 of the same host)") var attachSip: String?

    func run() async throws {
        let joined = try await options.joined()
        let source = joined.source
        var settings = NodeRole.Settings(
            cluster: joined.cluster,
            address: joined.address,
            fleetSecret: attach == nil ? try joined.fleetSecret() : "",
            stateDirectory: joined.stateDirectory
        )
        settings.name = joined.name
        settings.number = try number ?? source.value("number")
        settings.nickname = nickname ?? source.string("nickname")
        settings.mediaAddress = mediaAddress ?? source.string("media-address")
        settings.edge = try (edge ?? source.string("edge")).map(HostPort.init(setting:)) ?? settings.edge
        settings.portOffset = try portOffset ?? source.value("port-offset") ?? settings.portOffset
        settings.weight = try weight ?? source.value("weight") ?? settings.weight
        settings.directory = (directory ?? source.string("directory")).map { URL(filePath: $0).absoluteURL }
        settings.configDirectory = joined.configDirectory
        settings.publishing = try publishing(source, settings.publishing)
        settings.attached = try attached(source)
        try check(settings)
        try await NodeRole(settings, logger: Logger(label: "asterism.node")).run()
    }

    private func publishing(_ source: SettingsSource, _ usual: PublishingSettings) throws -> PublishingSettings {
        func words(_ flag: String?, _ key: String) -> Set<String> {
            let words = (flag ?? source.string(key) ?? "").split(separator: ",")
            return Set(words.map { $0.trimmingCharacters(in: .whitespaces) })
        }
        return PublishingSettings(
            publishAMIEvents: try publishAmiEvents ?? source.value("publish-ami-events") ?? usual.publishAMIEvents,
            publishChannelEvents: try publishChannelEvents ?? source.value("publish-channel-events")
                ?? usual.publishChannelEvents,
            excludeEvents: words(excludeEvents, "exclude-events"),
            includeChannelvarsetEvents: words(includeChannelvarsetEvents, "include-channelvarset-events")
        )
    }

    private func attached(_ source: SettingsSource) throws -> NodeRole.Attached? {
        guard let text = attach ?? source.string("attach") else { return nil }
        let ari = try HostPort(setting: text)
        guard let user = source.string("attach-user"), let password = source.string("attach-password") else {
            throw ValidationError("--attach needs a user of that Asterisk: set ASTERISM_ATTACH_USER and _PASSWORD")
        }
        return NodeRole.Attached(
            sip: try (attachSip ?? source.string("attach-sip")).map(HostPort.init(setting:))
                ?? HostPort(host: ari.host, port: 5060),
            ari: ari,
            credentials: Credentials(user: user, password: password)
        )
    }

    private func check(_ settings: NodeRole.Settings) throws {
        if let number = settings.number, !(1...1000).contains(number) {
            throw ValidationError("--number is \(number); nodes are numbered from 1 to 1000")
        }
        guard settings.weight > 0 else { throw ValidationError("--weight is \(settings.weight); give 1 or more") }
    }
}
