import Engines
import Foundation
import NIOSSL

/// The certificate of `wss`: the one in the files, or one of its own making, signed by nobody else, that is put there.
struct OwnCertificate: Sendable {
    let files: CertificateFiles

    /// What TLS needs.
    /// - Throws: ``WebsocketdError/certificate(_:)``.
    func context() async throws(WebsocketdError) -> NIOSSLContext {
        let isThere = [files.certificate, files.key].map { FileManager.default.fileExists(atPath: $0) }
        if isThere == [false, false] { try await make() }
        return try load()
    }

    /// What TLS needs, from the files as they are.
    /// - Throws: ``WebsocketdError/certificate(_:)``.
    func load() throws(WebsocketdError) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(files.certificate).map {
                NIOSSLCertificateSource.certificate($0)
            }
            let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain,
                privateKey: .privateKey(key)
            )
            configuration.minimumTLSVersion = .tlsv12
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .certificate("\(files.certificate) and \(files.key) cannot be used (\(error))")
        }
    }

    /// One for ten years and this machine's loopback names; a client of such a certificate does not check it anyway.
    private func make() async throws(WebsocketdError) {
        do {
            let folder = URL(filePath: files.key).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            // The key must never be readable by others, so it is made where it already has its mode.
            guard
                FileManager.default.createFile(atPath: files.key, contents: nil, attributes: [.posixPermissions: 0o600])
            else { throw WebsocketdError.certificate("\(files.key) cannot be written") }
            try await Command.run(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                    "3650",
                    "-subj", "/CN=asterism websocketd", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", files.key, "-out", files.certificate,
                ]
            )
        } catch {
            try? FileManager.default.removeItem(atPath: files.key)
            throw (error as? WebsocketdError)
                ?? .certificate(
                    "openssl could not make one (\(error)); install openssl, or name files with --certificate and --key"
                )
        }
    }
}
