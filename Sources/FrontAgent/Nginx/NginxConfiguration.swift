import Engines
import Foundation
import Registry

/// nginx's configuration as values of its template.
struct NginxConfiguration {
    let settings: FrontSettings
    let upstreams: FrontUpstreams
    /// Tells configurations apart: nginx answers with it at `/front/status`.
    let generation: String

    /// The file's text.
    func text(_ templates: ConfigTemplates) throws -> String {
        try templates.render("nginx/nginx.conf", values())
    }

    private func values() throws(FrontError) -> [String: Any] {
        guard settings.address.isPlain else {
            throw .unusableSetting(name: "the address", value: "\(settings.address)")
        }
        var values: [String: Any] = [
            "address": "\(settings.address)",
            "generation": generation,
            "workers": settings.workers,
            "maximumBody": settings.maximumBody,
            "maximumServiceBody": settings.maximumServiceBody,
            "connectTimeout": milliseconds(settings.connectTimeout),
            "answerTimeout": milliseconds(settings.answerTimeout),
            "eventTimeout": milliseconds(settings.eventTimeout),
            "accessLog": settings.accessLog,
            "upstreams": FrontService.allCases.filter { !upstreams[$0].isEmpty }.map { service in
                ["name": service.rawValue, "servers": upstreams[service].map(\.description)] as [String: Any]
            },
        ]
        for service in FrontService.allCases { values[service.rawValue] = !upstreams[service].isEmpty }
        if let tls = settings.tls {
            values["tls"] = [
                "certificate": try path(tls.certificate, "the certificate"), "key": try path(tls.key, "the key"),
            ]
        }
        // Without it the workers of a root's nginx run as another user, who may not enter our folder.
        if geteuid() == 0 { values["user"] = try path(settings.workerUser ?? "root", "the worker user") }
        return values
    }

    private func milliseconds(_ duration: Duration) -> Int { Int(duration / .milliseconds(1)) }

    private func path(_ text: String, _ name: String) throws(FrontError) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "/.-_+@~ ".unicodeScalars.contains(scalar)
        }
        guard isPlain, !text.isEmpty else { throw .unusableSetting(name: name, value: text) }
        return text
    }
}
