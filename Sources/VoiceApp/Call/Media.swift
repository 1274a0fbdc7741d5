/// Something that Asterisk can play, as an ARI media URI. A string literal is the URI itself: `"sound:hello-world"`.
public struct Media: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// Such as `sound:hello-world` or `tone:ring`.
    public let uri: String

    /// Media by URI.
    public init(_ uri: String) { self.uri = uri }
    /// Media by URI.
    public init(stringLiteral value: String) { uri = value }

    /// A sound of the Asterisk that has the call, by name without extension, or the URL of one.
    public static func sound(_ name: String) -> Media { Media("sound:\(name)") }
    /// A stored recording.
    public static func recording(_ name: String) -> Media { Media("recording:\(name)") }
    /// A tone of the node's country: `ring`, `busy`, `congestion`, `dial`.
    public static func tone(_ name: String) -> Media { Media("tone:\(name)") }
    /// Digits, spoken one by one.
    public static func digits(_ digits: String) -> Media { Media("digits:\(digits)") }
    /// A number, spoken as one.
    public static func number(_ number: Int) -> Media { Media("number:\(number)") }

    /// The URI.
    public var description: String { uri }
}
