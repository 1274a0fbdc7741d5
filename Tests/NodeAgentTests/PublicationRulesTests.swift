import Testing

@testable import NodeAgent

/// The rows named after a test are those of the original's own suite.
@Suite("What is published")
struct PublicationRulesTests {
    private static let fleet = "asterism.node.ast1"

    private func topic(_ event: EventHeader, _ settings: PublishingSettings) -> String? {
        PublicationRules(node: "ast1", settings: settings).topic(of: event)
    }

    private static func app(_ type: String, variable: String? = nil) -> EventHeader {
        EventHeader(type: type, application: "tts", channelID: "ast1-1.2", variable: variable)
    }

    private static func channel(_ type: String, variable: String? = nil) -> EventHeader {
        EventHeader(type: type, application: "asterism", channelID: "ast1-1.2", variable: variable)
    }

    @Test(
        "test_stasis_amqp_app_exclude_events: excluded events reach the application's clients and nobody else",
        arguments: [
            ("StasisStart", "stasis.app.tts"), ("ChannelDialplan", fleet), ("ChannelStateChange", fleet),
            ("ChannelDtmfReceived", fleet), ("channeldialplan", "stasis.app.tts"),
        ]
    )
    func applicationExcludes(type: String, expected: String) {
        let excluded: Set = ["ChannelDialplan", "ChannelStateChange", "ChannelDtmfReceived"]
        #expect(topic(Self.app(type), PublishingSettings(excludeEvents: excluded)) == expected)
    }

    @Test(
        "test_stasis_amqp_app_include_channelvarset_events and test_stasis_amqp_channel_include_channelvarset_events",
        arguments: [
            (app("ChannelVarset", variable: "INCLUDE1"), "stasis.app.tts"),
            (app("ChannelVarset", variable: "INCLUDE2"), "stasis.app.tts"),
            (app("ChannelVarset", variable: "EXCLUDE"), fleet),
            (app("ChannelVarset"), fleet),
            (app("StasisStart", variable: "EXCLUDE"), "stasis.app.tts"),
            (channel("ChannelVarset", variable: "INCLUDE1"), "stasis.channel.ast1-1.2"),
            (channel("ChannelVarset", variable: "EXCLUDE"), nil),
            (channel("ChannelVarset", variable: "ASTERISM_LEG"), fleet),
            (channel("ChannelHangupRequest"), "stasis.channel.ast1-1.2"),
        ] as [(EventHeader, String?)]
    )
    func variables(event: EventHeader, expected: String?) {
        let settings = PublishingSettings(includeChannelvarsetEvents: ["INCLUDE1", "INCLUDE2"])
        #expect(topic(event, settings) == expected)
    }

    @Test(
        "test_stasis_amqp_channel_events_disabled: applications go on, and the fleet sees what it must",
        arguments: [
            (app("Dial"), "stasis.app.tts"),
            (app("ChannelVarset", variable: "X"), "stasis.app.tts"),
            (channel("Dial"), nil),
            (channel("ChannelVarset", variable: "X"), nil),
            (channel("ChannelVarset", variable: "ASTERISM_LEG"), fleet),
            (channel("ChannelCreated"), fleet),
            (channel("ChannelDestroyed"), fleet),
            (channel("ChannelEnteredBridge"), fleet),
            (channel("StasisStart"), "stasis.app.asterism"),
            (EventHeader(type: "BridgeCreated", application: "asterism"), "stasis.node.ast1"),
            (EventHeader(type: "ApplicationRegistered", application: "tts"), "stasis.app.tts"),
        ] as [(EventHeader, String?)]
    )
    func noChannels(event: EventHeader, expected: String?) {
        #expect(topic(event, PublishingSettings(publishChannelEvents: false)) == expected)
    }

    @Test(
        "test_stasis_amqp_channel_exclude_events, in every source",
        arguments: [
            (channel("ChannelHangupRequest"), "stasis.channel.ast1-1.2"),
            (channel("Dial"), nil),
            (channel("ChannelDestroyed"), fleet),
            (channel("StasisStart"), fleet),
            (EventHeader(type: "BridgeCreated", application: "asterism"), fleet),
            (EventHeader(type: "DeviceStateChanged", application: "asterism"), nil),
        ] as [(EventHeader, String?)]
    )
    func channelExcludes(event: EventHeader, expected: String?) {
        let excluded: Set = ["Dial", "ChannelDestroyed", "StasisStart", "BridgeCreated", "DeviceStateChanged"]
        #expect(topic(event, PublishingSettings(excludeEvents: excluded)) == expected)
    }

    @Test(
        "test_stasis_amqp_ami_events_disabled and test_stasis_amqp_ami_exclude_events",
        arguments: [(true, [], "stasis.ami.DeviceStateChange"), (false, [], nil), (true, ["DeviceStateChange"], nil)]
            as [(Bool, Set<String>, String?)]
    )
    func manager(publish: Bool, exclude: Set<String>, expected: String?) {
        let settings = PublishingSettings(publishAMIEvents: publish, excludeEvents: exclude)
        let rules = PublicationRules(node: "ast1", settings: settings)
        #expect(rules.topic(ofManagerEvent: "DeviceStateChange") == expected)
    }
}
