import ARI
import Fleet
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// The parameters that a request carries in its body.
enum BodyParameters {
    static func read(_ request: GatewayRequest) -> [String: String] {
        guard request.body.readableBytes > 0 else { return [:] }
        if request.head.headers.first(name: "Content-Type")?.hasPrefix("application/x-www-form-urlencoded") == true {
            return ARIRequest.parameters(String(buffer: request.body)[...])
        }
        let json = try? JSONDecoder().decode(JSONValue.self, from: request.body)
        return (json?.object ?? [:]).compactMapValues { value in
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
