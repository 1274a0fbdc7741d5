import NIOCore

/// The sound of one call on one UDP socket: sends a packet every 20 ms and records what comes. Lives on the event loop of its
/// call; nothing here is touched from elsewhere.
final class MediaHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private static let interval = TimeAmount.milliseconds(20)

    private var sender: RTPSender
    private var remote: (media: RemoteMedia, address: SocketAddress)?
    private var context: ChannelHandlerContext?
    private var began: NIODeadline?
    private var answered: NIODeadline?
    private var ticks: Int64 = 0
    private var pending: Scheduled<Void>?
    private var phrases = PhraseCounter()
    private var heardSinceTick: [Int16] = []
    private(set) var timeline = RecordingTimeline()
    /// The codec in use, for the report.
    var codec: Codec? { remote?.media.codec }
    /// Called whenever another phrase was heard, with their number.
    var onPhrase: (Int) -> Void = { _ in }

    init(sender: RTPSender) { self.sender = sender }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        stop()
        self.context = nil
    }

    /// Starts, or after a re-INVITE moves on to where the other end is now.
    func exchange(with media: RemoteMedia) {
        guard let context, let address = try? SocketAddress(ipAddress: media.address, port: media.port) else { return }
        remote = (media, address)
        guard began == nil else { return }
        let now = NIODeadline.now()
        began = now
        tick(context, at: now)
    }

    /// The callee answered: from now on digits go out and phrases count.
    func markAnswered() {
        answered = .now()
        phrases = PhraseCounter()
    }

    func stop() {
        guard let began, pending != nil else { return }
        pending?.cancel()
        pending = nil
        timeline.extend(to: Self.samples(since: began))
    }

    /// Seconds from the answer to the first packet; 0 when it rang with sound.
    var timeToSound: Double? {
        guard let began, let answered, let first = timeline.firstArrival else { return nil }
        let arrival = began + .nanoseconds(Int64(first) * 125_000)
        return max(0, Double((arrival - answered).nanoseconds) / 1e9)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let began, let codec,
            let packet = RTPPacket(bytes: Array(Self.unwrapInboundIn(data).data.readableBytesView))
        else { return }
        let arrival = Self.samples(since: began)
        // The other end may change between the two codecs without a word; both are in our offer.
        let spoken = Codec.allCases.first { $0.payloadType == packet.payloadType } ?? codec
        let isSound = packet.payloadType == spoken.payloadType
        let sound = isSound ? packet.payload.map(spoken.decode) : []
        timeline.add(packet, sound: sound, arrival: arrival)
        heardSinceTick += sound
    }

    // A datagram that nobody wanted must not end the call: the SIP side knows when it is over.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}

    private static func samples(since beginning: NIODeadline) -> Int {
        Int((NIODeadline.now() - beginning).nanoseconds / 125_000)
    }

    private func tick(_ context: ChannelHandlerContext, at due: NIODeadline) {
        if let remote {
            let packet = sender.next(to: remote.media, pressesDigits: answered != nil)
            let data = context.channel.allocator.buffer(bytes: packet.bytes)
            context.writeAndFlush(Self.wrapOutboundOut(.init(remoteAddress: remote.address, data: data)), promise: nil)
        }
        let before = phrases.count
        phrases.add(heardSinceTick)
        heardSinceTick.removeAll(keepingCapacity: true)
        // Each tick is due from the beginning, not from the last one: the pace does not drift.
        let next = due + Self.interval
        pending = context.eventLoop.assumeIsolated().scheduleTask(deadline: next) { [weak self] in
            guard let self, let context = self.context else { return }
            tick(context, at: next)
        }
        if phrases.count > before, answered != nil { onPhrase(phrases.count) }
    }
}
