import ARI
import Fleet
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Registry

/// Lists that are the union of the nodes' lists. A node that does not answer is left out: what the others hold is still true.
struct MergedLists: Sendable {
    let directory: FleetDirectory
    let filters: EventFilters

    func answer(_ list: RequestRoute.MergedList) async -> GatewayAnswer {
        switch list {
        case .channels: await channels()
        case .bridges: await bridges()
        case .applications: await applications()
        case .application(let name): await application(name)
        }
    }

    private func channels() async -> GatewayAnswer {
        let lists = await collect { try await $0.channels.list() }
        guard !lists.isEmpty else { return RequestDispatcher.noNode }
        return .json(lists.values.flatMap { $0 }.filter { LegID(channel: $0) == nil })
    }

    private func bridges() async -> GatewayAnswer {
        let lists = await collect { try await $0.bridges.list() }
        let merged: [Bridge] = directory.read { state in
            let fleet = state.bridges.values.filter { !$0.isEnding }
            let local = lists.values.flatMap { $0 }.filter { state.bridges[$0.id] == nil }
            return fleet.sorted { $0.id < $1.id }.map { state.view(of: $0) } + local
        }
        return .json(merged)
    }

    private func applications() async -> GatewayAnswer {
        let lists = await collect { try await $0.request([JSONValue].self, .GET, ["applications"]) }
        guard !lists.isEmpty else { return RequestDispatcher.noNode }
        return .json(MergedApplications(lists.values.flatMap { $0 }).all.map(filtered))
    }

    /// One application, with what it has on any node.
    func application(_ name: String) async -> GatewayAnswer {
        let found = await collect { client in
            // A node that has not heard of it yet has no channels in it either.
            let answer = try await client.send(.GET, ["applications", name])
            return answer.status == 200 ? [try JSONDecoder().decode(JSONValue.self, from: answer.body)] : []
        }
        guard !found.isEmpty else { return RequestDispatcher.noNode }
        guard let merged = MergedApplications(found.values.flatMap { $0 }).all.first else {
            return .error(.notFound, "Application not found")
        }
        return .json(filtered(merged))
    }

    private func filtered(_ application: JSONValue) -> JSONValue {
        filters.filter(of: application["name"]?.string ?? "").shown(in: application)
    }

    private func collect<Item: Sendable>(
        _ list: @escaping @Sendable (ARIClient) async throws -> [Item]
    ) async -> [String: [Item]] {
        let nodes = directory.read { state in state.alive.compactMap { state.nodes[$0] } }
        return await withTaskGroup(of: (String, [Item]?).self) { group in
            for node in nodes {
                group.addTask { (node.name, try? await list(ARIClient(node: node, timeout: .seconds(3)))) }
            }
            var lists: [String: [Item]] = [:]
            for await case (let name, let items?) in group { lists[name] = items }
            return lists
        }
    }
}
