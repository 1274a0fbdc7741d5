import ARI

/// A channel in one piece of memory, a third of what its parts would take: a gateway holds very many, and looks into few.
struct PackedChannel: Sendable, Hashable {
    /// Neither is part of any text.
    private static let end: UInt8 = 0xfe
    private static let absent: UInt8 = 0xff

    private let bytes: [UInt8]

    init(_ channel: Channel) {
        let dialplan = channel.dialplan
        let texts: [String?] = [
            channel.id, channel.protocolID, channel.name, channel.state, channel.caller.name, channel.caller.number,
            channel.connected.name, channel.connected.number, channel.accountcode, dialplan.context, dialplan.exten,
            String(dialplan.priority), dialplan.appName, dialplan.appData, channel.creationtime, channel.language,
            channel.callerRdnis, channel.tenantid, channel.channelvars == nil ? nil : "",
        ]
        // In an order of their own, so that equal channels are packed alike.
        let variables = channel.channelvars?.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] } ?? []
        let all = texts + variables
        var bytes: [UInt8] = []
        bytes.reserveCapacity(all.reduce(0) { $0 + ($1?.utf8.count ?? 1) + 1 })
        for text in all {
            if let text { bytes.append(contentsOf: text.utf8) } else { bytes.append(Self.absent) }
            bytes.append(Self.end)
        }
        self.bytes = bytes
    }

    /// The channel, put together anew each time.
    var channel: Channel {
        var texts = bytes.split(separator: Self.end, omittingEmptySubsequences: false).dropLast().map { bytes in
            bytes.first == Self.absent ? nil : String(decoding: bytes, as: UTF8.self)
        }[...]
        func next() -> String? { texts.popFirst() ?? nil }
        func text() -> String { next() ?? "" }
        var channel = Channel(
            id: text(),
            protocolID: next(),
            name: text(),
            state: text(),
            caller: CallerID(name: text(), number: text()),
            connected: CallerID(name: text(), number: text()),
            accountcode: next(),
            dialplan: DialplanPosition(
                context: text(),
                exten: text(),
                priority: Int(text()) ?? 0,
                appName: next(),
                appData: next()
            ),
            creationtime: text(),
            language: next(),
            callerRdnis: next(),
            tenantid: next()
        )
        guard next() != nil else { return channel }
        var variables: [String: String] = [:]
        while !texts.isEmpty { variables[text()] = text() }
        channel.channelvars = variables
        return channel
    }
}
