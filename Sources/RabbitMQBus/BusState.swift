import Foundation

/// Where a bus stands, for `/status` and `/metrics`.
package struct BusState: Sendable, Hashable {
    /// Whether every connection in use (the publisher's, and each subscription's) is up.
    package var isConnected: Bool
    /// Since when that is so, or not so.
    package var since: Date
    /// Events waiting for the broker, including those not confirmed.
    package var buffered: Int
    /// Events sent and not confirmed.
    package var unconfirmed: Int
    /// Events lost since the start because the buffer was full.
    package var dropped: Int
    /// Connections lost and made again since the start.
    package var reconnects: Int
    /// Events published since the start, confirmed by the broker.
    package var confirmed: Int
    /// Events handed to the subscriptions there are.
    package var delivered: Int
    /// Why there is no connection.
    package var problem: String?
}
