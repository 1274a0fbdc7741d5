import Logging

/// The events of the manager interface, for those who want them on the bus.
extension NodeAgent {
    /// Follows them until the task is cancelled, connecting again with back-off.
    func followAMI() async {
        let client = AMIClient(address: settings.ami, credentials: settings.amiCredentials)
        var complaint: String?
        var delay = Duration.milliseconds(200)
        while !Task.isCancelled {
            // Before it answers ARI, Asterisk cannot be ready for this either.
            guard health.isAnswering else {
                try? await Task.sleep(for: .milliseconds(200))
                continue
            }
            let began = ContinuousClock.now
            do {
                try await client.follow { [managerOutlet] in managerOutlet.accept($0) }
            } catch {
                if ContinuousClock.now - began > .seconds(5) { (complaint, delay) = (nil, .milliseconds(200)) }
                // Once per outage.
                if !Task.isCancelled, "\(error)" != complaint {
                    logger.info("no events of the manager interface: \(error)")
                    complaint = "\(error)"
                }
            }
            try? await Task.sleep(for: delay)
            delay = min(delay * 2, .seconds(5))
        }
    }
}
