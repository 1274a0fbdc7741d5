import Foundation

/// When a long connection asks again whether its token is still good: wazo-websocketd's `dynamic` strategy.
package enum TokenRecheck {
    /// - Parameter remaining: how long the token has to live; below zero when the clocks disagree.
    /// - Returns: how long to wait before the next check; later the longer it lives, within half a day.
    package static func interval(remaining: Duration) -> Duration {
        switch remaining {
        case ...Duration.zero: .seconds(15)
        case ..<Duration.seconds(15): remaining
        case ...Duration.seconds(80): min(remaining, .seconds(60))
        case ...Duration.seconds(57_600): .seconds((remaining * 0.75).components.seconds)
        default: .seconds(43_200)
        }
    }

    package static func interval(of token: AccessToken, at now: Date = Date()) -> Duration {
        interval(remaining: .seconds(token.expiry.timeIntervalSince(now)))
    }
}
