import NIOCore
import NIOPosix

/// The two sockets of one call, on one event loop: SIP, and sound.
struct CallLines: Sendable {
    let sip: any Channel
    let media: any Channel
    /// The address that the edge sees us at.
    let address: String
    let sipPort: Int
    let mediaPort: Int

    /// `address:port` of the SIP socket.
    var sipHostPort: String { address.contains(":") ? "[\(address)]:\(sipPort)" : "\(address):\(sipPort)" }

    /// Opens both. The SIP socket is connected: that tells our own address on the way to the edge, and a closed port at once.
    static func open(_ account: PhoneAccount, on loop: any EventLoop) async throws(PhoneError) -> CallLines {
        do {
            let sip = try await connect(account, on: loop)
            do {
                guard let local = sip.localAddress, let address = local.ipAddress, let port = local.port else {
                    throw PhoneError.edgeUnreachable(edge: account.hostPort, reason: "no local address leads there")
                }
                let media = try await bindMedia(address, on: loop)
                return CallLines(
                    sip: sip,
                    media: media,
                    address: address,
                    sipPort: port,
                    mediaPort: media.localAddress?.port ?? 0
                )
            } catch {
                try? await sip.close()
                throw error
            }
        } catch let error as PhoneError {
            throw error
        } catch {
            throw .edgeUnreachable(edge: account.hostPort, reason: "\(error)")
        }
    }

    func close() async {
        try? await media.close()
        try? await sip.close()
    }

    private static func connect(_ account: PhoneAccount, on loop: any EventLoop) async throws -> any Channel {
        switch account.transport {
        case .udp:
            try await DatagramBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(SIPDatagramDecoder())
                    }
                }
                .connect(host: account.host, port: account.port).get()
        case .tcp:
            try await ClientBootstrap(group: loop)
                .connectTimeout(.seconds(10))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(SIPStreamDecoder()))
                    }
                }
                .connect(host: account.host, port: account.port).get()
        }
    }

    /// RTP ports are even by convention, and some equipment insists.
    private static func bindMedia(_ address: String, on loop: any EventLoop) async throws -> any Channel {
        let bootstrap = DatagramBootstrap(group: loop)
        for _ in 0..<8 {
            let channel = try await bootstrap.bind(host: address, port: 0).get()
            if channel.localAddress?.port?.isMultiple(of: 2) == true { return channel }
            try await channel.close()
        }
        return try await bootstrap.bind(host: address, port: 0).get()
    }
}
