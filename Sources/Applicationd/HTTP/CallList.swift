import ARI
import Foundation
import Hummingbird
import NIOCore
import NIOFoundationCompat
import WebAPI

/// The body of the first generation's `POST .../nodes/{node_name}`: an array of call ids, refused in FastAPI's words.
enum CallList {
    private static let field = ValidationProblem.Step.name("call_ids")

    static func read(_ request: Request, _ context: WebContext) async throws -> [String] {
        try read(await request.body.collect(upTo: context.maxUploadSize))
    }

    /// - Throws: 422 with what is wrong.
    static func read(_ body: ByteBuffer) throws(WebError) -> [String] {
        guard body.readableBytes > 0 else { throw .validation(.missing("body", field)) }
        guard String(validating: body.readableBytesView, as: UTF8.self) != nil,
            let json = try? JSONDecoder().decode(JSONValue.self, from: body)
        else {
            throw .validation(ValidationProblem(["body"], "the body is not JSON", type: "value_error.jsondecode"))
        }
        if json == .null { throw .validation(.missing("body", field)) }
        guard let items = json.array else { throw .validation(.notAList("body", field)) }
        guard items.count <= NodeRequest.limit else {
            throw .validation(
                ValidationProblem(
                    ["body", field],
                    "ensure this value has at most \(NodeRequest.limit) items",
                    type: "value_error.list.max_items"
                )
            )
        }
        var calls: [String] = []
        for (index, item) in items.enumerated() {
            guard let call = item.string else {
                throw .validation(
                    ValidationProblem(["body", field, .index(index)], "str type expected", type: "type_error.str")
                )
            }
            calls.append(call)
        }
        return calls
    }
}
