import ARI
import Fleet
import Foundation
import NIOCore
import NIOFoundationCompat
import Synchronization

/// The operations, and what a test makes happen.
extension SimulatedGateway {
    typealias Answer = (status: Int, body: JSONValue)

    // MARK: What happens

    /// A caller comes in and enters an application.
    func call(_ id: String, _ application: String, _ arguments: [String] = [], state channelState: String = "Ring") {
        state.withLock { state in
            let channel = SimulatedChannel(
                id: id,
                name: "PJSIP/edge-\(id)",
                state: channelState,
                application: application,
                arguments: arguments,
                owner: application
            )
            enter(channel, &state)
        }
    }

    /// The party of a call hangs up.
    func hangUp(_ id: String) { state.withLock { _ = remove(id, &$0) } }

    /// The party of a call dials a digit.
    func dial(_ digit: String, _ id: String) {
        state.withLock { state in
            guard let channel = state.channels[id] else { return }
            say(
                "ChannelDtmfReceived",
                to: channel.application,
                ["channel": json(channel), "digit": .string(digit), "duration_ms": 100],
                state
            )
        }
    }

    /// What is played comes to its end.
    func finishPlaybacks() {
        state.withLock { state in
            for (id, playback) in state.playbacks {
                state.playbacks[id] = nil
                tell(of: id, playback, "done", "PlaybackFinished", state)
            }
        }
    }

    // MARK: Requests

    func answer(_ method: String, _ target: String, _ body: ByteBuffer) -> Answer {
        guard let request = ARIRequest(method: method, target: target, prefix: "/ari") else {
            return Self.missing("Resource")
        }
        return state.withLock { state in
            state.requests.append("\(method) \(target.dropFirst("/ari".count))")
            let line = "\(method) /\(request.path.joined(separator: "/"))"
            if let status = state.refusals[line] { return (status, ["message": "refused"]) }
            let id = request.path.count > 1 ? request.path[1] : nil
            switch request.path.first {
            case "channels":
                return channels(method, id, request.path.dropFirst(2).first, request, body, &state)
            case "bridges": return bridges(method, id, request.path.dropFirst(2).first, request.query, &state)
            case "applications": return applications(id, state)
            case "playbacks": return playbacks(method, id ?? "", &state)
            case "recordings": return recordings(method, request.path, &state)
            case "amqp": return (204, .null)
            default: return Self.missing("Resource")
            }
        }
    }

    private func channels(
        _ method: String,
        _ id: String?,
        _ verb: String?,
        _ request: ARIRequest,
        _ body: ByteBuffer,
        _ state: inout State
    ) -> Answer {
        guard let id else {
            return method == "POST"
                ? originate(request.query, body, &state) : (200, .array(state.channels.values.map { json($0) }))
        }
        guard let channel = state.channels[id] else { return Self.missing("Channel") }
        switch (method, verb) {
        case ("GET", nil): return (200, json(channel))
        case ("DELETE", nil): return remove(id, &state)
        case ("POST", "answer"):
            state.channels[id]?.state = "Up"
            tell("ChannelStateChange", id, [:], state)
            return (204, .null)
        case ("GET", "variable"):
            guard let value = channel.variables[request.query["variable"] ?? ""] else {
                return (404, ["message": "Provided variable was not found"])
            }
            return (200, ["value": .string(value)])
        case ("POST", "variable"):
            let (name, value) = (request.query["variable"] ?? "", request.query["value"] ?? "")
            state.channels[id]?.variables[name] = value
            tell("ChannelVarset", id, ["variable": .string(name), "value": .string(value)], state)
            return (204, .null)
        case ("POST", "play"):
            let playback = (uri: request.query["media"] ?? "", channel: id)
            state.playbacks[request.path[3]] = playback
            tell(of: request.path[3], playback, "playing", "PlaybackStarted", state)
            return (201, Self.playback(request.path[3], playback, "queued"))
        case ("POST", "record"):
            let name = request.query["name"] ?? ""
            state.recordings[name] = id
            return (201, Self.recording(name, id))
        case ("POST", "snoop"):
            let snoop = SimulatedChannel(
                id: request.path[3],
                name: "Snoop/\(id)-1",
                state: "Up",
                application: request.query["app"],
                arguments: (request.query["appArgs"] ?? "").split(separator: ",").map(String.init),
                owner: request.query["app"] ?? ""
            )
            enter(snoop, &state)
            return (200, json(snoop))
        default: return (204, .null)
        }
    }

    /// A Local channel, whose far half is answered at once.
    private func originate(_ query: [String: String], _ body: ByteBuffer, _ state: inout State) -> Answer {
        state.serial += 1
        let (id, owner) = (query["channelId"] ?? "", query["app"] ?? "")
        let name = "Local/\((query["endpoint"] ?? "").split(separator: "/")[1])-\(state.serial)"
        let json = try? JSONDecoder().decode(JSONValue.self, from: body)
        var channel = SimulatedChannel(
            id: id,
            name: name + ";1",
            state: "Down",
            application: nil,
            arguments: (query["appArgs"] ?? "").split(separator: ",").map(String.init),
            owner: owner,
            variables: (json?["variables"]?.object ?? [:]).compactMapValues(\.string)
        )
        let dialled = channel
        state.channels[id + ";2"] = SimulatedChannel(
            id: id + ";2",
            name: name + ";2",
            state: "Up",
            application: nil,
            arguments: [],
            owner: owner
        )
        channel.state = "Up"
        channel.application = owner
        enter(channel, &state)
        return (200, self.json(dialled))
    }

    private func bridges(
        _ method: String,
        _ id: String?,
        _ verb: String?,
        _ query: [String: String],
        _ state: inout State
    ) -> Answer {
        guard let id else { return (200, .array(state.bridges.keys.map { bridge($0, state) })) }
        if method == "POST", verb == nil {
            if state.bridges[id] == nil {
                state.bridges[id] = (query["name"] ?? "", [])
                record(bridge: id, name: query["name"] ?? "")
            }
            return (200, bridge(id, state))
        }
        guard state.bridges[id] != nil else { return Self.missing("Bridge") }
        let channels = (query["channel"] ?? "").split(separator: ",").map(String.init)
        guard channels.allSatisfy({ state.channels[$0] != nil }) else { return (400, ["message": "Channel not found"]) }
        switch (method, verb) {
        case ("POST", "addChannel"):
            guard channels.allSatisfy({ state.channels[$0]?.application != nil }) else {
                return (409, ["message": "Channel not in Stasis application"])
            }
            for channel in channels {
                for other in state.bridges.keys where other != id { leave(channel, other, &state) }
                state.bridges[id]?.channels.append(channel)
                tell("ChannelEnteredBridge", channel, ["bridge": bridge(id, state)], state)
            }
            return (204, .null)
        case ("POST", "removeChannel"):
            for channel in channels { leave(channel, id, &state) }
            return (204, .null)
        case ("DELETE", nil):
            for channel in state.bridges[id]?.channels ?? [] { leave(channel, id, &state) }
            state.bridges[id] = nil
            record(bridge: id, name: nil)
            return (204, .null)
        default: return (200, bridge(id, state))
        }
    }

    private func applications(_ name: String?, _ state: State) -> Answer {
        let owners = Set(state.channels.values.map(\.owner))
        func described(_ owner: String) -> JSONValue {
            let ids = state.channels.values.filter { $0.owner == owner }.map { JSONValue.string($0.id) }
            return [
                "name": .string(owner), "channel_ids": .array(ids), "bridge_ids": [], "endpoint_ids": [],
                "device_names": [], "events_allowed": [], "events_disallowed": [],
            ]
        }
        return (200, name.map(described) ?? .array(owners.map(described)))
    }

    private func playbacks(_ method: String, _ id: String, _ state: inout State) -> Answer {
        guard let playback = state.playbacks[id] else { return Self.missing("Playback") }
        if method == "DELETE" {
            state.playbacks[id] = nil
            tell(of: id, playback, "done", "PlaybackFinished", state)
            return (204, .null)
        }
        return (200, Self.playback(id, playback, "playing"))
    }

    private func recordings(_ method: String, _ path: [String], _ state: inout State) -> Answer {
        guard path.count > 2, let channel = state.recordings[path[2]] else { return Self.missing("Recording") }
        if method == "GET" { return (200, Self.recording(path[2], channel)) }
        state.recordings[path[2]] = nil
        return (204, .null)
    }

    // MARK: State

    private func enter(_ channel: SimulatedChannel, _ state: inout State) {
        state.channels[channel.id] = channel
        tell("StasisStart", channel.id, ["args": .array(channel.arguments.map { .string($0) })], state)
    }

    private func leave(_ channel: String, _ bridge: String, _ state: inout State) {
        guard let index = state.bridges[bridge]?.channels.firstIndex(of: channel) else { return }
        state.bridges[bridge]?.channels.remove(at: index)
        tell("ChannelLeftBridge", channel, ["bridge": self.bridge(bridge, state)], state)
    }

    private func remove(_ id: String, _ state: inout State) -> Answer {
        for bridge in state.bridges.keys { leave(id, bridge, &state) }
        tell("StasisEnd", id, [:], state)
        tell("ChannelDestroyed", id, ["cause": 16, "cause_txt": "Normal Clearing"], state)
        state.channels[id] = nil
        for snoop in state.channels.keys where state.channels[snoop]?.name == "Snoop/\(id)-1" {
            _ = remove(snoop, &state)
        }
        return (204, .null)
    }

    private func tell(_ type: String, _ id: String, _ members: [String: JSONValue], _ state: State) {
        guard let channel = state.channels[id] else { return }
        say(type, to: channel.owner, members.merging(["channel": json(channel)]) { $1 }, state)
    }

    private func tell(
        of id: String,
        _ playback: (uri: String, channel: String),
        _ word: String,
        _ type: String,
        _ state: State
    ) {
        say(
            type,
            to: state.channels[playback.channel]?.owner,
            ["playback": Self.playback(id, playback, word)],
            state
        )
    }

    private func json(_ channel: SimulatedChannel) -> JSONValue {
        Fixtures.channel(
            channel.id,
            name: channel.name,
            state: channel.state,
            stasis: channel.name.hasPrefix("PJSIP/") ? channel.application.map { [$0] + channel.arguments } : nil
        )
    }

    private func bridge(_ id: String, _ state: State) -> JSONValue {
        Fixtures.bridge(id, name: state.bridges[id]?.name ?? "", state.bridges[id]?.channels ?? [])
    }

    private static func playback(_ id: String, _ playback: (uri: String, channel: String), _ word: String) -> JSONValue
    {
        Fixtures.playback(id, playback.uri, channel: playback.channel, state: word)
    }

    private static func recording(_ name: String, _ channel: String) -> JSONValue {
        ["name": .string(name), "format": "wav", "state": "recording", "target_uri": .string("channel:\(channel)")]
    }

    private static func missing(_ what: String) -> Answer { (404, ["message": .string("\(what) not found")]) }
}
