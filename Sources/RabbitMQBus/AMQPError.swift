/// Why a connection to a broker failed. Every one of them ends the connection; the next attempt follows.
struct AMQPError: Error, Hashable, CustomStringConvertible {
    /// What was attempted, such as "opening a channel".
    var action: String
    /// What the library or the broker said.
    var problem: String
    /// The broker's reply code, when it closed the channel or the connection.
    var code: Int = 0

    var description: String { "\(action): \(problem)" }
}
