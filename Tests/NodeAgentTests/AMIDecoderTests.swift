import NIOCore
import Testing

@testable import NodeAgent

@Suite("The manager interface")
struct AMIDecoderTests {
    private let text =
        "Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nMessage: Authentication accepted\r\n\r\n"
        + "Event: Newstate\r\nPrivilege: call,all\r\nChannel: PJSIP/edge-0001\r\nCallerIDName: Ann of Leeds: home\r\n"
        + "Empty:\r\nno separator\r\n\r\n\r\n"

    private func messages(of chunks: some Sequence<Substring>) throws -> [AMIMessage] {
        var decoder = AMIDecoder()
        var buffer = ByteBuffer()
        var messages: [AMIMessage] = []
        for chunk in chunks {
            buffer.writeSubstring(chunk)
            while let message = try decoder.next(in: &buffer) { messages.append(message) }
        }
        return messages
    }

    private let expected = [
        AMIMessage(fields: [("Greeting", "Asterisk Call Manager/11.0.0")]),
        AMIMessage(fields: [("Response", "Success"), ("Message", "Authentication accepted")]),
        AMIMessage(fields: [
            ("Event", "Newstate"), ("Privilege", "call,all"), ("Channel", "PJSIP/edge-0001"),
            ("CallerIDName", "Ann of Leeds: home"), ("Empty", ""),
        ]),
    ]

    @Test("messages are cut at empty lines, values keep blanks and colons")
    func whole() throws {
        #expect(try messages(of: [text[...]]) == expected)
    }

    @Test("it does not matter how the network cuts the bytes")
    func pieces() throws {
        // By scalars: a carriage return and a line feed are one character.
        let pieces = text.unicodeScalars.map { Substring(String($0)) }
        #expect(try messages(of: pieces) == expected)
    }

    @Test("what is not a manager interface, or knows no bounds, is refused")
    func refused() {
        #expect(throws: AMIError.self) { try messages(of: ["HTTP/1.1 400 Bad Request\r\n"]) }
        let greeting = "Asterisk Call Manager/11.0.0\r\n"
        #expect(throws: AMIError.self) {
            try messages(of: [greeting[...], String(repeating: "x", count: AMIDecoder.longestLine + 1)[...]])
        }
        #expect(throws: AMIError.self) {
            try messages(of: [greeting[...], String(repeating: "a: b\r\n", count: AMIDecoder.mostLines + 1)[...]])
        }
    }

    @Test("an event is one flat object of texts, in order, each key once")
    func json() {
        let message = AMIMessage(fields: [
            ("Event", "UserEvent"), ("Count", "1"), ("Text", "say \"hi\"\t\\ é"), ("Count", "2"),
        ])
        #expect(message.json == #"{"Event":"UserEvent","Count":"2","Text":"say \"hi\"\u0009\\ é"}"#)
    }
}
