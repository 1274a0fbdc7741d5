/// Which age of the protocol a client speaks (wazo-websocketd): the first sends events bare, the second in a frame of their own.
package enum ProtocolVersion: Int, Sendable, Hashable {
    case one = 1
    case two = 2
}
