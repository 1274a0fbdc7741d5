import Foundation

/// RabbitMQ as Debian packages it. Only its own start script is used: the wrapper in `/usr/sbin` changes users and folders.
package struct RabbitMQInstallation: Sendable, Hashable {
    /// The Debian packages that bring it.
    package static let packages = ["rabbitmq-server"]

    /// The start script, which becomes the broker by exec.
    package var server: String
    /// Erlang's name server, of which every broker of ours has its own.
    package var epmd: String

    package init(server: String, epmd: String) {
        self.server = server
        self.epmd = epmd
    }

    /// The installed RabbitMQ, or nil.
    package static func find() -> RabbitMQInstallation? {
        let server = "/usr/lib/rabbitmq/bin/rabbitmq-server"
        guard FileManager.default.isExecutableFile(atPath: server), let epmd = Command.find("epmd") else { return nil }
        return RabbitMQInstallation(server: server, epmd: epmd)
    }

    /// The installed RabbitMQ; installs the packages where there is none.
    package static func prepare(
        onProgress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(EngineError) -> RabbitMQInstallation {
        if let found = find() { return found }
        try await DebianPackages(onProgress: onProgress).install(packages)
        guard let found = find() else {
            throw .programNotFound("rabbitmq-server", package: packages.joined(separator: " "))
        }
        return found
    }
}
