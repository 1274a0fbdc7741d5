import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat

extension Request {
    /// The body, read as JSON within the service's bounds.
    /// - Parameter empty: stands for a body that is not there; nil where one is needed.
    /// - Throws: ``WebError`` in the service's style: 413 too large, 400 or 422 no JSON, or not of this kind.
    package func json<Value: Decodable & Sendable>(
        _ type: Value.Type = Value.self,
        _ context: WebContext,
        empty: Value? = nil
    ) async throws -> Value {
        let body = try await body.collect(upTo: context.maxUploadSize)
        guard body.readableBytes > 0 else {
            if let empty { return empty }
            throw context.errors.unusable(.missing("body"))
        }
        return try JSONBody.decode(type, body, context.errors)
    }
}

/// JSON on the wire.
package enum JSONBody {
    static let contentType = "application/json"

    /// An answer.
    package static func answer(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) throws -> Response {
        let body = try encode(value)
        var headers = headers
        headers[.contentType] = contentType
        headers[.contentLength] = String(body.readableBytes)
        return Response(status: status, headers: headers, body: .init(byteBuffer: body))
    }

    static func encode(_ value: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return ByteBuffer(data: try encoder.encode(value))
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ body: ByteBuffer, _ errors: ErrorStyle) throws -> Value {
        // Foundation would guess another encoding from bytes that are not UTF-8.
        guard String(validating: body.readableBytesView, as: UTF8.self) != nil else {
            throw errors.unusable(.init(["body"], "the body is not UTF-8", type: "value_error.jsondecode"))
        }
        do {
            return try JSONDecoder().decode(type, from: body)
        } catch let error as DecodingError {
            throw errors.unusable(ValidationProblem(error))
        }
    }
}

extension ValidationProblem {
    /// What the decoder did not like, in FastAPI's words.
    init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(Self.location(context.codingPath + [key]), "field required", type: "value_error.missing")
        case .valueNotFound(_, let context):
            self.init(
                Self.location(context.codingPath),
                "none is not an allowed value",
                type: "type_error.none.not_allowed"
            )
        case .typeMismatch(let type, let context):
            let kind = Self.kind(type)
            self.init(
                Self.location(context.codingPath),
                "value is not a valid \(kind.words)",
                type: "type_error.\(kind.name)"
            )
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            self.init(["body"], "the body is not JSON", type: "value_error.jsondecode")
        case .dataCorrupted(let context):
            self.init(Self.location(context.codingPath), context.debugDescription, type: "value_error")
        @unknown default:
            self.init(["body"], "the body cannot be used", type: "value_error")
        }
    }

    private static func location(_ path: [any CodingKey]) -> [Step] {
        ["body"] + path.map { key in key.intValue.map(Step.index) ?? .name(key.stringValue) }
    }

    private static func kind(_ type: any Any.Type) -> (name: String, words: String) {
        switch type {
        case is Bool.Type: return ("bool", "boolean")
        case is Int.Type, is Int64.Type, is UInt.Type: return ("integer", "integer")
        case is Double.Type, is Float.Type: return ("float", "float")
        case is String.Type: return ("str", "string")
        default: return "\(type)".hasPrefix("Array") ? ("list", "list") : ("dict", "dict")
        }
    }
}
