import ARI
import WebAPI

/// Calls: which there are, and what is done to one.
extension Desk {
    func calls(of application: String) async throws(WebError) -> [Call] {
        try await requireApplication(application)
        let members = try await members(of: application)
        let channels = try await ask(missing: .noSuchApplication(application)) { client async throws(ARIError) in
            try await client.channels.list()
        }
        let nodes = try await nodes(of: application)
        let own = channels.filter { members.contains($0.id) && ChannelKind($0).isCall }
        return await describe(own, of: application, in: nodes).sorted { $0.id < $1.id }
    }

    /// What a client is told of channels: what they are now, and what is known beyond that.
    func describe(_ channels: [Channel], of application: String, in nodes: [CallNode]) async -> [Call] {
        let chapter = await announcer.chapter(application)
        let tenant = await announcer.tenant(of: application)
        return channels.map { channel in
            var call = chapter.calls[channel.id] ?? Call(channel, tenant: tenant)
            call.update(channel)
            call.nodeUUID = nodes.first { $0.contains(channel.id) }?.uuid
            return chapter.shown(call)
        }
    }

    func answer(_ call: String, of application: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            try await client.channels.answer(call)
        }
    }

    func hangUp(_ call: String, of application: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            try await client.channels.hangup(call)
        }
    }

    /// - Parameter direction: `in` is what the party says, `both` what it hears as well.
    func mute(_ call: String, of application: String, direction: ARIClient.MuteDirection) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            try await client.channels.mute(call, direction: direction)
            try await client.channels.setChannelVar(call, variable: CallVariable.muted, value: "1")
        }
    }

    func unmute(_ call: String, of application: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            try await client.channels.unmute(call, direction: .both)
            try await client.channels.setChannelVar(call, variable: CallVariable.muted, value: "")
        }
    }

    /// The party hears music, and is not heard.
    func hold(_ call: String, of application: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            try await client.channels.setChannelVar(call, variable: CallVariable.onHold, value: "1")
            try await client.channels.mute(call, direction: .in)
            try await client.channels.hold(call)
        }
    }

    /// A call that was muted besides stays so.
    func unhold(_ call: String, of application: String) async throws(WebError) {
        let isMuted = await announcer.call(call, of: application)?.isMuted ?? false
        try await act(on: call, of: application) { client async throws(ARIError) in
            try await client.channels.unhold(call)
            if !isMuted { try await client.channels.unmute(call, direction: .in) }
            try await client.channels.setChannelVar(call, variable: CallVariable.onHold, value: "")
        }
    }

    /// - Parameter musicClass: nil ends it.
    func music(_ musicClass: String?, to call: String, of application: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            if let musicClass {
                try await client.channels.startMoh(call, mohClass: musicClass)
            } else {
                try await client.channels.stopMoh(call)
            }
            try await client.channels.setChannelVar(call, variable: CallVariable.musicOnHold, value: musicClass ?? "")
        }
    }

    /// Tells the caller that it rings, or no longer.
    func progress(_ isOn: Bool, to call: String, of application: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            if isOn { try await client.channels.ring(call) } else { try await client.channels.ringStop(call) }
            try await client.channels.setChannelVar(call, variable: CallVariable.progress, value: isOn ? "1" : "")
        }
    }

    func send(digits: String, to call: String, of application: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            try await client.channels.sendDTMF(call, dtmf: digits)
        }
    }

    func variable(_ name: String, of call: String, of application: String) async throws(WebError) -> String {
        try await requireCall(call, of: application)
        do throws(ARIError) {
            return try await client.channels.getChannelVar(call, variable: name).value
        } catch {
            // Asterisk has the same status for a channel and for a variable that is not there.
            if case .refused(404, let message, _) = error, message.contains("variable") {
                throw .noSuch("variable", name)
            }
            throw WebError(error, missing: .noSuchCall(call))
        }
    }

    func set(_ name: String, to value: String, of call: String, of application: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            try await client.channels.setChannelVar(call, variable: name, value: value)
        }
    }
}
