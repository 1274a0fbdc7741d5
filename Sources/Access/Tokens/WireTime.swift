import Foundation

/// Times as Python writes them: `2026-01-31T12:00:00.000000`, without a zone.
package enum WireTime {
    private static func style(_ zone: TimeZone) -> Date.ISO8601FormatStyle {
        Date.ISO8601FormatStyle(timeZone: zone).year().month().day().time(includingFractionalSeconds: false)
    }

    package static func text(_ date: Date, in zone: TimeZone = .gmt) -> String {
        // Whole microseconds first: a binary fraction is seldom one of those.
        let micros = Int((date.timeIntervalSince1970 * 1_000_000).rounded())
        let seconds = (Double(micros) / 1_000_000).rounded(.down)
        let fraction = String(micros - Int(seconds) * 1_000_000)
        return Date(timeIntervalSince1970: seconds).formatted(style(zone)) + "."
            + String(repeating: "0", count: 6 - fraction.count) + fraction
    }

    /// Reads with `T` or a space between date and time, with or without a fraction.
    package static func date(_ text: String, in zone: TimeZone = .gmt) -> Date? {
        let parts = text.replacing(" ", with: "T").split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, let date = try? style(zone).parse(String(whole)) else {
            return nil
        }
        guard parts.count == 2 else { return date }
        guard parts[1].allSatisfy(\.isNumber), let fraction = Double("0." + parts[1]) else { return nil }
        return date.addingTimeInterval(fraction)
    }
}
