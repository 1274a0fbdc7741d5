import Foundation
import Registry

/// Everything one node differs in from the others.
package struct NodeSettings: Sendable, Hashable {
    /// Short name (`ast1`), also Asterisk's `systemname`: letters, digits and hyphens.
    package var name: String
    /// Asterisk's entity id, in the form of a MAC address.
    package var id: String
    /// The speakable name that callers hear.
    package var nickname: String
    /// Where Asterisk takes SIP over UDP.
    package var sip: HostPort
    /// Where Asterisk answers ARI.
    package var ari: HostPort
    /// Where Asterisk answers AMI.
    package var ami: HostPort
    /// The UDP ports for sound.
    package var rtpPorts: ClosedRange<Int>
    /// The address in the SDP that phones get.
    package var mediaAddress: String
    /// Whether ``mediaAddress`` is an address of this host; if it is another's that forwards the sound, Asterisk listens on every one.
    package var isMediaAddressLocal = true
    /// The address in the SDP that other nodes get.
    package var legAddress: String
    /// Where the edge takes SIP from nodes.
    package var edge: HostPort
    /// What the edge and the nodes know each other by.
    package var fleetSecret: String
    /// The user that the agent and the gateway have on ARI.
    package var ariCredentials: Credentials
    /// The user that the agent has on AMI.
    package var amiCredentials: Credentials
    /// The folder for all that this node writes; it is made at the start and removed after an orderly stop.
    package var directory: URL
    /// Relative share of new calls.
    package var weight: Int
    /// How events come from Asterisk.
    package var link: LinkChoice
    /// Bounds on the detection of failures.
    package var limits: NodeHealth.Limits

    /// Whose Asterisk it is.
    package var process: ProcessChoice
    /// Whether an Asterisk that outlived the agent is taken over by the next one, with its calls. The folder stays after a crash
    /// of the agent then.
    package var adoptsRunning: Bool
    /// The loopback port where Asterisk dials the agent for events; 0 takes a free one. With ``adoptsRunning`` a fixed one is safer:
    /// while the agent is away, nothing else takes it.
    package var linkPort: Int
    /// What goes on the bus.
    package var publishing: PublishingSettings

    /// Who runs Asterisk.
    package enum ProcessChoice: Sendable, Hashable {
        /// The agent writes its configuration, starts it, keeps it running and stops it.
        case managed
        /// Somebody else does; see ``NodeSettings/attached(sip:ari:credentials:ami:nickname:weight:publishing:logger:)``.
        case attached
    }

    /// Who dials whom for events.
    package enum LinkChoice: Sendable, Hashable {
        /// Asterisk dials where it can, else the agent does.
        case automatic
        /// Asterisk dials the agent (22.5 and later): nothing is lost while the link is down.
        case outbound
        /// The agent dials Asterisk (any release): events during a lost link are lost.
        case inbound
    }

    package init(
        name: String,
        id: String,
        nickname: String,
        sip: HostPort,
        ari: HostPort,
        ami: HostPort,
        rtpPorts: ClosedRange<Int>,
        mediaAddress: String,
        legAddress: String,
        edge: HostPort,
        fleetSecret: String,
        ariCredentials: Credentials,
        amiCredentials: Credentials,
        directory: URL,
        weight: Int = 1,
        link: LinkChoice = .automatic,
        limits: NodeHealth.Limits = .init(),
        process: ProcessChoice = .managed,
        adoptsRunning: Bool = false,
        linkPort: Int = 0,
        publishing: PublishingSettings = .init()
    ) {
        self.name = name
        self.id = id
        self.nickname = nickname
        self.sip = sip
        self.ari = ari
        self.ami = ami
        self.rtpPorts = rtpPorts
        self.mediaAddress = mediaAddress
        self.legAddress = legAddress
        self.edge = edge
        self.fleetSecret = fleetSecret
        self.ariCredentials = ariCredentials
        self.amiCredentials = amiCredentials
        self.directory = directory
        self.weight = weight
        self.link = link
        self.limits = limits
        self.process = process
        self.adoptsRunning = adoptsRunning
        self.linkPort = linkPort
        self.publishing = publishing
    }

    /// What the registry learns of the node.
    func record(incarnation: String, health: NodeRecord.Health, isDraining: Bool, pid: Int32?) -> NodeRecord {
        NodeRecord(
            name: name,
            id: id,
            nickname: nickname,
            sip: sip,
            ari: ari,
            ariCredentials: ariCredentials,
            incarnation: incarnation,
            health: health,
            isDraining: isDraining,
            weight: weight,
            pid: pid.map(Int.init)
        )
    }
}
