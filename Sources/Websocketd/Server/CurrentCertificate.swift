import Foundation
import Logging
import NIOSSL
import ServiceLifecycle
import Synchronization

/// The certificate in use, which follows its files: clients of ACME renew it every few weeks, and sessions should not end for that.
final class CurrentCertificate: Service, CustomStringConvertible {
    private let source: OwnCertificate
    private let interval: Duration
    private let logger: Logger
    private let current: Mutex<NIOSSLContext>

    var description: String { "certificate of wss" }

    /// What new connections are met with.
    var context: NIOSSLContext { current.withLock(\.self) }

    /// - Parameter interval: how often the files are looked at.
    /// - Throws: ``WebsocketdError/certificate(_:)``.
    init(_ source: OwnCertificate, interval: Duration, logger: Logger) async throws(WebsocketdError) {
        self.source = source
        self.interval = interval
        self.logger = logger
        current = Mutex(try await source.context())
    }

    /// Looks at the files until graceful shutdown. What cannot be used leaves the former certificate in use.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var known = Self.version(of: self.source.files)
            while (try? await Task.sleep(for: self.interval)) != nil {
                let seen = Self.version(of: self.source.files)
                guard seen != known else { continue }
                known = seen
                self.load()
            }
        }
    }

    private func load() {
        do throws(WebsocketdError) {
            let context = try source.load()
            current.withLock { $0 = context }
            logger.notice("the certificate was read anew", metadata: ["file": "\(source.files.certificate)"])
        } catch {
            // A renewal writes two files: the next look finds them both.
            logger.warning("the former certificate stays in use: \(error)")
        }
    }

    private static func version(of files: CertificateFiles) -> [Date?] {
        [files.certificate, files.key].map { path in
            let attributes = try? FileManager.default.attributesOfItem(
                atPath: URL(filePath: path).resolvingSymlinksInPath().path
            )
            return attributes?[.modificationDate] as? Date
        }
    }
}
