import ARI
import Fleet
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// The parameters that a request carries in its body.
enum BodyParameters {
    /// - Returns: nil when the body claims to be JSON and is not. A body of another kind carries none, as Asterisk has it.
    static func read(_ request: GatewayRequest) -> [String: String]? {
        guard request.body.readableBytes > 0 else { return [:] }
        let type = request.head.headers.first(name: "Content-Type") ?? ""
        if type.hasPrefix("application/x-www-form-urlencoded") {
            return ARIRequest.parameters(String(buffer: request.body)[...])
        }
        guard type.hasPrefix("application/json") else { return [:] }
        guard let json = try? JSONDecoder().decode(JSONValue.self, from: request.body) else { return nil }
        return (json.object ?? [:]).compactMapValues { value in
            switch value {
            case .string(let text): text
            case .integer(let number): String(number)
            case .bool(let flag): String(flag)
            case .array(let items): items.compactMap(\.string).joined(separator: ",")
            default: nil
            }
        }
    }
}
