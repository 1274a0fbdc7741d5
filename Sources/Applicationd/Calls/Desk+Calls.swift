import ARI
import WebAPI

/// Calls: which there are, and what is done to one.
extension Desk {
    func calls(of application: String) async throws(WebError) -> [Call] {
        try await requireApplication(application)
        let members = try await members(of: application)
        let channels = try await ask(missing: .noSuchApplication(application)) { client async throws(ARIError) in
            try await client.channels()
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
        try await act(on: call, of: application) { client async throws(ARIError) in try await client.answer(call) }
    }

    func hangUp(_ call: String, of application: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in try await client.hangUp(call) }
    }

    /// - Parameter direction: `in` is what the party says, `both` what it hears as well.
    func mute(_ call: String, of application: String, direction: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            try await client.mute(call, direction: direction)
            try await client.setVariable(CallVariable.muted, to: "1", of: call)
        }
    }

    func unmute(_ call: String, of application: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            try await client.unmute(call)
            try await client.setVariable(CallVariable.muted, to: "", of: call)
        }
    }

    /// The party hears music, and is not heard.
    func hold(_ call: String, of application: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            try await client.setVariable(CallVariable.onHold, to: "1", of: call)
            try await client.mute(call, direction: "in")
            try await client.hold(call)
        }
    }

    /// A call that was muted besides stays so.
    func unhold(_ call: String, of application: String) async throws(WebError) {
        let isMuted = await announcer.call(call, of: application)?.isMuted ?? false
        try await act(on: call, of: application) { client async throws(ARIError) in
            try await client.unhold(call)
            if !isMuted { try await client.unmute(call, direction: "in") }
            try await client.setVariable(CallVariable.onHold, to: "", of: call)
        }
    }

    /// - Parameter musicClass: nil ends it.
    func music(_ musicClass: String?, to call: String, of application: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            if let musicClass {
                try await client.startMusicOnHold(call, musicClass: musicClass)
            } else {
                try await client.stopMusicOnHold(call)
            }
            try await client.setVariable(CallVariable.musicOnHold, to: musicClass ?? "", of: call)
        }
    }

    /// Tells the caller that it rings, or no longer.
    func progress(_ isOn: Bool, to call: String, of application: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            if isOn { try await client.ring(call) } else { try await client.stopRinging(call) }
            try await client.setVariable(CallVariable.progress, to: isOn ? "1" : "", of: call)
        }
    }

    func send(digits: String, to call: String, of application: String) async throws(WebError) {
        try await act(on: call, of: application) { client async throws(ARIError) in
            try await client.sendDTMF(digits, to: call)
        }
    }

    func variable(_ name: String, of call: String, of application: String) async throws(WebError) -> String {
        try await requireCall(call, of: application)
        do throws(ARIError) {
            return try await client.variable(name, of: call)
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
            try await client.setVariable(name, to: value, of: call)
        }
    }
}
