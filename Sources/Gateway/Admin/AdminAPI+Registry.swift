import Fleet
import Foundation
import NIOHTTP1
import Registry

/// The parts of the operator's API that read and write the registry.
extension AdminAPI {
    /// The most nodes that may be asked for.
    static let maxNodes = 64

    func size() async throws(RegistryError) -> Int {
        try await registry.entry(RegistryKey.fleetSize).flatMap { Int($0.text) } ?? 0
    }

    func resize(_ text: String?) async throws(RegistryError) -> GatewayAnswer {
        guard let text, let wanted = Int(text), (1...Self.maxNodes).contains(wanted) else {
            return .error(.badRequest, "`nodes` must be a number from 1 to \(Self.maxNodes)")
        }
        guard try await registry.entry(RegistryKey.fleetSize) != nil else {
            return .error(.conflict, "Nobody here starts nodes; `asterism up` does")
        }
        try await registry.set(Array(String(wanted).utf8), for: RegistryKey.fleetSize)
        return .json(["nodes": wanted])
    }

    func routes() async throws(RegistryError) -> [RouteReport] {
        let entries = try await registry.entries(under: RegistryKey.routes)
        return entries.map { key, entry in
            RouteReport(number: String(key.dropFirst(RegistryKey.routes.count)), application: entry.text)
        }.sorted { $0.number < $1.number }
    }

    func setRoute(_ number: String, _ application: String?) async throws(RegistryError) -> GatewayAnswer {
        guard Names.isNumber(number) else {
            return .error(.badRequest, "'\(number)' is not a number to dial: 1 to 32 of 0-9 * # + and letters")
        }
        guard let application, Names.isApplication(application) else {
            return .error(.badRequest, "`application` must be a name of 1 to 64 letters, digits, - _ and .")
        }
        try await registry.set(Array(application.utf8), for: RegistryKey.route(number))
        return .json(RouteReport(number: number, application: application))
    }

    func subscribers() async throws(RegistryError) -> [SubscriberReport] {
        let entries = try await registry.entries(under: RegistryKey.subscribers)
        return entries.map { key, entry in
            let realm = (try? JSONDecoder().decode(SubscriberRecord.self, from: Data(entry.value)))?.realm ?? ""
            return SubscriberReport(name: String(key.dropFirst(RegistryKey.subscribers.count)), realm: realm)
        }.sorted { $0.name < $1.name }
    }

    func setSubscriber(_ name: String, _ body: [String: String]) async throws(RegistryError) -> GatewayAnswer {
        guard Names.isSubscriber(name) else {
            return .error(.badRequest, "'\(name)' is not a subscriber name: 1 to 64 letters, digits, - _ and .")
        }
        guard let ha1 = body["ha1"], ha1.count == 32, ha1.allSatisfy(\.isHexDigit), let realm = body["realm"],
            !realm.isEmpty
        else { return .error(.badRequest, "`realm` and `ha1` (32 hex digits) are required") }
        let record = SubscriberRecord(ha1: ha1.lowercased(), realm: realm)
        guard let value = try? JSONEncoder().encode(record) else {
            return .error(.internalServerError, "Not encodable")
        }
        try await registry.set(Array(value), for: RegistryKey.subscriber(name))
        return .json(SubscriberReport(name: name, realm: realm))
    }

    func remove(_ key: String, _ missing: String) async throws(RegistryError) -> GatewayAnswer {
        guard try await registry.entry(key) != nil else { return .error(.notFound, missing) }
        try await registry.remove(key)
        return .noContent
    }
}
