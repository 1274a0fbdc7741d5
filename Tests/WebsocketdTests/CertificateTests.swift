import Engines
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Testing
import Websocketd

/// The certificate that real TLS connections are met with.
@Suite("the certificate of wss", .timeLimit(.minutes(5)))
struct CertificateTests {
    @Test("one is made at the first start, its key for the owner only")
    func made() async throws {
        try await withFolder { folder in
            let files = CertificateFiles(in: folder)
            try await RunningWebsocketd.with(change: { $0.certificate = files }) { daemon in
                let met = try await certificate(port: daemon.port)
                let made = try NIOSSLCertificate.fromPEMFile(files.certificate)
                #expect([met] == made)
            }
            let mode = try FileManager.default.attributesOfItem(atPath: files.key)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test("a renewed one meets new connections; one without its key leaves the former in use")
    func renewed() async throws {
        try await withFolder { folder in
            let files = CertificateFiles(in: folder)
            try await RunningWebsocketd.with(change: {
                $0.certificate = files
                $0.certificateInterval = .milliseconds(20)
            }) { daemon in
                let former = try await certificate(port: daemon.port)
                let renewed = CertificateFiles(in: folder.appending(path: "renewed"))
                try await make(renewed)
                let expected = try NIOSSLCertificate.fromPEMFile(renewed.certificate)

                try Data(contentsOf: URL(filePath: renewed.certificate)).write(to: URL(filePath: files.certificate))
                for _ in 0..<10 {
                    let met = try await certificate(port: daemon.port)
                    #expect(met == former)
                    try await Task.sleep(for: .milliseconds(20))
                }
                try Data(contentsOf: URL(filePath: renewed.key)).write(to: URL(filePath: files.key))
                while try await [certificate(port: daemon.port)] != expected {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }
    }

    @Test("files that hold no certificate are an error that names them")
    func unusable() async throws {
        try await withFolder { folder in
            let files = CertificateFiles(in: folder)
            for path in [files.certificate, files.key] { try Data("nothing".utf8).write(to: URL(filePath: path)) }
            let error = await #expect(throws: WebsocketdError.self) {
                try await RunningWebsocketd.with(change: { $0.certificate = files }) { _ in }
            }
            #expect("\(String(describing: error))".contains(files.certificate))
        }
    }

    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "certificate-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    private func make(_ files: CertificateFiles) async throws {
        try FileManager.default.createDirectory(
            at: URL(filePath: files.key).deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try await Command.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                "-subj", "/CN=renewed", "-keyout", files.key, "-out", files.certificate,
            ]
        )
    }

    /// What a client is shown in the handshake.
    private func certificate(port: Int) async throws -> NIOSSLCertificate {
        let (shown, handshake) = AsyncStream.makeStream(of: NIOSSLCertificate.self)
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .noHostnameVerification
        let context = try NIOSSLContext(configuration: configuration)
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(
                        context: context,
                        serverHostname: nil,
                        customVerificationCallback: { chain, promise in
                            if let leaf = chain.first { handshake.yield(leaf) }
                            promise.succeed(.certificateVerified)
                        }
                    )
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        var iterator = shown.makeAsyncIterator()
        let leaf = try #require(await iterator.next())
        try? await channel.close()
        return leaf
    }
}
