extension Bridge {
    /// Nil for what lacks a member that it must have.
    init?(_ scanner: inout JSONScanner) {
        guard scanner.enter() else { return nil }
        var texts: [String: String] = [:]
        var channels: [String]?
        var variables: [String: String]?
        while let key = scanner.nextKey() {
            let name = key.text
            switch name {
            case "channels": channels = scanner.strings()
            case "bridgevars": variables = scanner.dictionary()
            default: texts[name] = scanner.string()
            }
        }
        guard let id = texts["id"], let technology = texts["technology"], let type = texts["bridge_type"],
            let bridgeClass = texts["bridge_class"], let creator = texts["creator"], let name = texts["name"],
            let channels, let creationtime = texts["creationtime"]
        else { return nil }
        self.init(
            id: id,
            technology: technology,
            bridgeType: type,
            bridgeClass: bridgeClass,
            creator: creator,
            name: name,
            channels: channels,
            videoMode: texts["video_mode"],
            videoSourceID: texts["video_source_id"],
            creationtime: creationtime,
            bridgevars: variables
        )
    }
}

extension Playback {
    init?(_ scanner: inout JSONScanner) {
        guard let texts = scanner.dictionary(), let id = texts["id"], let media = texts["media_uri"],
            let target = texts["target_uri"], let state = texts["state"]
        else { return nil }
        self.init(
            id: id,
            mediaURI: media,
            nextMediaURI: texts["next_media_uri"],
            targetURI: target,
            language: texts["language"],
            state: state
        )
    }
}

extension LiveRecording {
    init?(_ scanner: inout JSONScanner) {
        guard scanner.enter() else { return nil }
        var texts: [String: String] = [:]
        var durations: [String: Int] = [:]
        while let key = scanner.nextKey() {
            let name = key.text
            if name.hasSuffix("duration") {
                durations[name] = scanner.integer()
            } else {
                texts[name] = scanner.string()
            }
        }
        guard let name = texts["name"], let format = texts["format"], let target = texts["target_uri"],
            let state = texts["state"]
        else { return nil }
        self.init(
            name: name,
            format: format,
            targetURI: target,
            state: state,
            duration: durations["duration"],
            talkingDuration: durations["talking_duration"],
            silenceDuration: durations["silence_duration"],
            cause: texts["cause"]
        )
    }
}

extension Endpoint {
    init?(_ scanner: inout JSONScanner) {
        guard scanner.enter() else { return nil }
        var texts: [String: String] = [:]
        var channels: [String]?
        while let key = scanner.nextKey() {
            let name = key.text
            if name == "channel_ids" { channels = scanner.strings() } else { texts[name] = scanner.string() }
        }
        guard let technology = texts["technology"], let resource = texts["resource"], let channels else { return nil }
        self.init(technology: technology, resource: resource, state: texts["state"], channelIDs: channels)
    }
}

extension DeviceState {
    init?(_ scanner: inout JSONScanner) {
        guard let texts = scanner.dictionary(), let name = texts["name"], let state = texts["state"] else { return nil }
        self.init(name: name, state: state)
    }
}
