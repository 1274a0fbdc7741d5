import ARI
import Foundation
import NIOCore
import Testing

@Suite("Reading events fast")
struct ReadingTests {
    private static let channel = """
        {"id":"ast1-1.2","name":"PJSIP/edge-00000001","state":"Up","protocol_id":"x@y","caller":{"name":"A \\"b\\" \\u00e4",\
        "number":"1"},"connected":{"name":"","number":""},"accountcode":"","dialplan":{"context":"default","exten":"8001",\
        "priority":3,"app_name":"Stasis","app_data":"tts,a"},"creationtime":"2026-01-01T00:00:00.000+0000","language":"en",\
        "caller_rdnis":"200","tenantid":"t",\
        "channelvars":{"X":"1","Y":""},"new":{"a":[1,{"b":null}]}}
        """
    private static let bridge = """
        {"id":"b","technology":"softmix","bridge_type":"mixing","bridge_class":"stasis","creator":"Stasis","name":"n",\
        "channels":["a","c"],"creationtime":"t","video_mode":"talker","video_source_id":"a"}
        """

    @Test(
        "it reads what Codable reads",
        arguments: [
            #"{"type":"StasisStart","args":["a","b,c"],"channel":\#(channel),"application":"tts","asterisk_id":"02"}"#,
            #"{"type":"StasisStart","args":[],"channel":\#(channel),"replace_channel":\#(channel)}"#,
            #"{"type":"ChannelEnteredBridge","bridge":\#(bridge),"channel":\#(channel)}"#,
            #"{"type":"ChannelDtmfReceived", "digit" : "5","duration_ms":120 , "channel":\#(channel)}"#,
            #"{"type":"ChannelDestroyed","cause":16,"cause_txt":"Normal Clearing","channel":\#(channel)}"#,
            #"{"type":"ChannelVarset","variable":"V","value":"a\\b\n","channel":null}"#,
            #"{"type":"Dial","peer":\#(channel),"dialstatus":"RINGING","forward":""}"#,
            #"{"type":"PeerStatusChange","peer":{"peer_status":"x"},"endpoint":{"technology":"PJSIP","resource":"a","channel_ids":[]}}"#,
            #"{"type":"DeviceStateChanged","device_state":{"name":"Stasis:door","state":"INUSE"}}"#,
            #"{"type":"PlaybackStarted","playback":{"id":"p","media_uri":"sound:a","target_uri":"channel:c","language":"en","state":"playing"}}"#,
            #"{"type":"RecordingFinished","recording":{"name":"r","format":"wav","target_uri":"channel:c","state":"done","duration":7}}"#,
        ]
    )
    func equals(text: String) throws {
        #expect(
            try Event(reading: ByteBuffer(string: text)) == JSONDecoder().decode(Event.self, from: Data(text.utf8))
        )
    }

    @Test(
        "what is no event is refused, and what is cut off ends",
        arguments: ["", "{", "[]", "{}", #"{"type":"A","channel":{"id":"x"}}"#, #"{"type"::"A"}"#, #"{"a":[:"#, "\"a"]
    )
    func refuses(text: String) { #expect(throws: (any Error).self) { try Event(reading: ByteBuffer(string: text)) } }
}
