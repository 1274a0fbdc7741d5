import NIOCore
import NIOSSL

/// Finds out by its first byte whether a connection speaks TLS: a ClientHello is a record of type 22 (RFC 8446 section 5.1), and no
/// HTTP method begins so. What follows in the pipeline sees plain bytes in either case.
final class ProtocolSniffer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private static let handshakeRecord: UInt8 = 22

    private let certificate: CurrentCertificate

    init(certificate: CurrentCertificate) { self.certificate = certificate }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
        do {
            if first == Self.handshakeRecord {
                try context.pipeline.syncOperations.addHandler(
                    NIOSSLServerHandler(context: certificate.context),
                    position: .after(self)
                )
            }
            context.fireChannelRead(data)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }
}
