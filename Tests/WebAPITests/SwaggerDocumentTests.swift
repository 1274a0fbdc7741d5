import ARI
import Foundation
import Testing

@testable import WebAPI

@Suite("OpenAPI 3.1 in Swagger 2.0")
struct SwaggerDocumentTests {
    private static let shapes: [(String, String)] = [
        (#"{"type":["string","null"],"minLength":1}"#, #"{"type":"string","x-nullable":true,"minLength":1}"#),
        (#"{"type":["string","integer"]}"#, #"{}"#),
        (#"{"oneOf":[{"type":"string"}],"description":"x"}"#, #"{"type":"object","description":"x"}"#),
        (#"{"const":7}"#, #"{"enum":[7]}"#),
        (##"{"$ref":"#/components/schemas/User"}"##, ##"{"$ref":"#/definitions/User"}"##),
        (
            ##"{"type":"array","items":{"$ref":"#/components/schemas/User"}}"##,
            ##"{"type":"array","items":{"$ref":"#/definitions/User"}}"##
        ),
        (
            #"{"type":"object","properties":{"type":{"type":["integer","null"]}},"additionalProperties":false}"#,
            #"{"type":"object","properties":{"type":{"type":"integer","x-nullable":true}},"additionalProperties":false}"#
        ),
    ]

    @Test("schemas", arguments: shapes)
    func schemas(former: String, expected: String) throws {
        let document: JSONValue = ["components": ["schemas": ["It": try value(former)]]]
        #expect(SwaggerDocument.make(of: document, basePath: "/1")["definitions"]?["It"] == (try value(expected)))
    }

    @Test("an operation's body is a parameter, and what it answers has its schema beside its description")
    func operation() throws {
        let document = try value(
            ##"""
            {"info":{"title":"t"},"paths":{"/status":{"get":{}},"/1/a":{"post":{
                "parameters":[{"$ref":"#/components/parameters/limit"},
                    {"name":"n","in":"query","description":"d","schema":{"type":"integer","minimum":0}}],
                "requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object"}}}},
                "responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"array"}}}},
                    "404":{"$ref":"#/components/responses/404"}}}}},
             "components":{"securitySchemes":{"b":{"type":"http","scheme":"bearer"},"p":{"type":"http","scheme":"basic"}}}}
            """##
        )
        let swagger = SwaggerDocument.make(of: document, basePath: "/1", below: "/api/x")
        #expect(swagger["basePath"] == "/api/x/1")
        #expect(swagger["paths"]?.object?.keys.sorted() == ["/a"])
        let expected = try value(
            ##"""
            {"parameters":[{"$ref":"#/parameters/limit"},
                {"name":"n","in":"query","description":"d","type":"integer","minimum":0},
                {"name":"body","in":"body","required":true,"schema":{"type":"object"}}],
             "responses":{"200":{"description":"ok","schema":{"type":"array"}},"404":{"$ref":"#/responses/404"}}}
            """##
        )
        #expect(swagger["paths"]?["/a"]?["post"] == expected)
        #expect(swagger["securityDefinitions"]?["p"] == ["type": "basic"])
        #expect(swagger["securityDefinitions"]?["b"]?["name"] == "Authorization")
    }

    private func value(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }
}
