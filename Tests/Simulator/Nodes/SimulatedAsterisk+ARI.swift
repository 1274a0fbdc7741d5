import Foundation
import NIOCore
import NIOHTTP1

/// What a simulated Asterisk says to a request.
struct SimulatedAnswer: Sendable {
    var status: HTTPResponseStatus
    var body = ByteBuffer()

    static let done = SimulatedAnswer(status: .noContent)

    static func text(_ text: String) -> SimulatedAnswer { SimulatedAnswer(status: .ok, body: ByteBuffer(string: text)) }

    static func error(_ status: HTTPResponseStatus, _ message: String) -> SimulatedAnswer {
        SimulatedAnswer(status: status, body: ByteBuffer(string: "{\"message\":\"\(message)\"}"))
    }

    static let noChannel = error(.notFound, "Channel not found")
    static let noBridge = error(.notFound, "Bridge not found")
}

/// The part of ARI that the gateway, its clients and the benches ask for.
extension SimulatedAsterisk {
    /// The variable that tells on which node a channel is.
    private static let nodeVariable = "SIMULATED_NODE"

    /// - Parameter target: path and query below `/ari/`.
    func answer(_ method: HTTPMethod, _ target: Substring) -> SimulatedAnswer {
        let path = target.prefix { $0 != "?" }.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        let query = target.dropFirst(target.prefix { $0 != "?" }.count + 1)
        defer { if method != .GET { flush() } }
        switch (method, path.first, path.count) {
        case (_, "channels"?, _): return answerChannels(method, Array(path.dropFirst()), query)
        case (_, "bridges"?, _): return answerBridges(method, Array(path.dropFirst()), query)
        case (.GET, "applications"?, _): return answerApplications(path.dropFirst().first)
        case (.GET, "asterisk"?, 2) where path[1] == "ping":
            return .text(
                """
                {"asterisk_id":"\(node.entityID)","ping":"pong","timestamp":"\(SimulatedChannel.timestamp)"}
                """
            )
        case (.GET, "asterisk"?, 2) where path[1] == "info": return .text(information)
        case (.PUT, "asterisk"?, 3) where path[2] == "res_ari.so":
            // A real agent has rewritten ari.conf before.
            register(parameter("applications", in: query)?.split(separator: ",").map(String.init) ?? [])
            return .done
        default: return .error(.notFound, "Resource not found")
        }
    }

    private func answerChannels(_ method: HTTPMethod, _ path: [String], _ query: Substring) -> SimulatedAnswer {
        guard let id = path.first else {
            let channels = with { $0.channels.compactMap(\.self) }
            var body = ByteBuffer(string: "[")
            for (index, channel) in channels.enumerated() {
                if index > 0 { body.writeString(",") }
                body.write(channel, on: node)
            }
            body.writeString("]")
            return SimulatedAnswer(status: .ok, body: body)
        }
        guard let channel = with({ $0.channel(id, on: node) }) else { return .noChannel }
        switch (method, path.dropFirst().first) {
        case (.GET, nil):
            var body = ByteBuffer()
            body.write(channel, on: node)
            return SimulatedAnswer(status: .ok, body: body)
        case (.GET, "variable"?):
            let isKnown = parameter("variable", in: query) == Self.nodeVariable
            return .text("{\"value\":\"\(isKnown ? node.name : "")\"}")
        case (.DELETE, nil):
            hangUp(id)
            return .done
        default: return .done
        }
    }

    private func answerBridges(_ method: HTTPMethod, _ path: [String], _ query: Substring) -> SimulatedAnswer {
        guard let id = path.first else {
            let bridges = with { $0.bridges.values.map { $0.text(on: node) } }
            return .text("[\(bridges.joined(separator: ","))]")
        }
        let channels = parameter("channel", in: query)?.split(separator: ",").map(String.init) ?? []
        switch (method, path.dropFirst().first) {
        case (.POST, nil):
            guard createBridge(id, name: parameter("name", in: query) ?? "") else {
                return .error(.conflict, "Bridge with id '\(id)' already exists")
            }
            fallthrough
        case (.GET, nil):
            return with { $0.bridges[id].map { .text($0.text(on: node)) } } ?? .noBridge
        case (.DELETE, nil): return destroyBridge(id) ? .done : .noBridge
        case (.POST, "addChannel"?): return channels.allSatisfy { enter(id, channel: $0) } ? .done : .noBridge
        case (.POST, "removeChannel"?): return channels.allSatisfy { leave(id, channel: $0) } ? .done : .noBridge
        default: return .done
        }
    }

    private func answerApplications(_ name: String?) -> SimulatedAnswer {
        let known = with { state in [Self.observer] + state.applications }
        func text(_ name: String) -> String {
            """
            {"name":"\(name)","channel_ids":[],"bridge_ids":[],"endpoint_ids":[],"device_names":[],\
            "events_allowed":[],"events_disallowed":[]}
            """
        }
        guard let name else { return .text("[\(known.map(text).joined(separator: ","))]") }
        return known.contains(name) ? .text(text(name)) : .error(.notFound, "Application not found")
    }

    private var information: String {
        """
        {"build":{"os":"Linux","kernel":"6.1","options":"","machine":"x86_64","date":"2026-01-01","user":"simulated"},\
        "system":{"version":"22.10.0","entity_id":"\(node.entityID)"},\
        "config":{"name":"\(node.name)","default_language":"en","setid":{"user":"","group":""}},\
        "status":{"startup_time":"\(SimulatedChannel.timestamp)","last_reload_time":"\(SimulatedChannel.timestamp)"}}
        """
    }

    private func parameter(_ name: String, in query: Substring) -> String? {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0] == name { return parts[1].removingPercentEncoding }
        }
        return nil
    }
}
