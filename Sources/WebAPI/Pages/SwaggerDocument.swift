import ARI

/// An OpenAPI 3.1 document in the former version of the format, Swagger 2.0, for clients that read nothing newer.
///
/// What Swagger 2.0 cannot say is left open rather than said wrongly: a choice of shapes becomes any object.
package enum SwaggerDocument {
    /// - Parameters:
    ///   - document: as in `config/openapi/`.
    ///   - basePath: such as `/0.1`: paths below it are taken in, without it.
    ///   - scriptName: what a proxy put before our paths; empty without one.
    package static func make(of document: JSONValue, basePath: String, below scriptName: String = "") -> JSONValue {
        var paths: [String: JSONValue] = [:]
        for (path, item) in document["paths"]?.object ?? [:] where path.hasPrefix(basePath + "/") {
            paths[String(path.dropFirst(basePath.count))] = mapped(item) { member in
                member.array.map { .array($0.map(parameter)) } ?? operation(member)
            }
        }
        let components = document["components"]
        return .object([
            "swagger": "2.0", "info": document["info"] ?? [:], "basePath": .string(scriptName + basePath),
            "consumes": ["application/json"], "produces": ["application/json"], "paths": .object(paths),
            "securityDefinitions": mapped(components?["securitySchemes"], securityScheme),
            "parameters": mapped(components?["parameters"], parameter),
            "responses": mapped(components?["responses"], response),
            "definitions": mapped(components?["schemas"], schema),
        ])
    }

    private static func mapped(_ members: JSONValue?, _ change: (JSONValue) -> JSONValue) -> JSONValue {
        .object((members?.object ?? [:]).mapValues(change))
    }

    private static func operation(_ operation: JSONValue) -> JSONValue {
        var result = operation
        var parameters = operation["parameters"]?.array?.map(parameter) ?? []
        if let body = operation["requestBody"] {
            parameters.append([
                "name": "body", "in": "body", "required": body["required"] ?? false, "schema": content(of: body) ?? [:],
            ])
        }
        result["requestBody"] = nil
        result["parameters"] = parameters.isEmpty ? nil : .array(parameters)
        result["responses"] = mapped(operation["responses"], response)
        return result
    }

    private static func parameter(_ parameter: JSONValue) -> JSONValue {
        if let reference = reference(parameter) { return reference }
        var result = parameter
        result["schema"] = nil
        for (name, value) in schema(parameter["schema"] ?? [:]).object ?? [:] where result[name] == nil {
            result[name] = value
        }
        if result["type"] == nil { result["type"] = "string" }
        return result
    }

    private static func response(_ response: JSONValue) -> JSONValue {
        if let reference = reference(response) { return reference }
        var result: JSONValue = ["description": response["description"] ?? ""]
        result["schema"] = content(of: response)
        result["headers"] = response["headers"].map { mapped($0, header) }
        return result
    }

    private static func header(_ header: JSONValue) -> JSONValue {
        var result = schema(header["schema"] ?? ["type": "string"])
        result["description"] = header["description"]
        return result
    }

    /// The schema of a body, whatever its type of content.
    private static func content(of body: JSONValue) -> JSONValue? {
        guard let content = body["content"]?.object else { return nil }
        let one = content["application/json"] ?? content.sorted { $0.key < $1.key }.first?.value
        return one?["schema"].map(schema)
    }

    private static func schema(_ schema: JSONValue) -> JSONValue {
        if let reference = reference(schema) { return reference }
        guard var members = schema.object else { return [:] }
        if members["oneOf"] != nil || members["anyOf"] != nil { members["type"] = "object" }
        for name in ["oneOf", "anyOf", "const", "examples", "propertyNames"] { members[name] = nil }
        if let one = schema["const"] { members["enum"] = [one] }
        if let types = members["type"]?.array {
            let others = types.filter { $0 != "null" }
            members["type"] = others.count == 1 ? others[0] : nil
            members["x-nullable"] = types.contains("null") ? true : nil
        }
        for (name, change) in ["items": Self.schema, "additionalProperties": additional] {
            if let value = members[name] { members[name] = change(value) }
        }
        if let properties = members["properties"] { members["properties"] = mapped(properties, Self.schema) }
        if let all = members["allOf"]?.array { members["allOf"] = .array(all.map(Self.schema)) }
        return .object(members)
    }

    private static func additional(_ value: JSONValue) -> JSONValue { value.bool == nil ? schema(value) : value }

    private static func securityScheme(_ scheme: JSONValue) -> JSONValue {
        switch (scheme["type"]?.string, scheme["scheme"]?.string) {
        case ("http", "basic"): ["type": "basic"]
        case ("http", _): ["type": "apiKey", "in": "header", "name": "Authorization"]
        default: scheme
        }
    }

    private static let places = [
        "#/components/schemas/": "#/definitions/", "#/components/responses/": "#/responses/",
        "#/components/parameters/": "#/parameters/",
    ]

    private static func reference(_ value: JSONValue) -> JSONValue? {
        guard let target = value["$ref"]?.string else { return nil }
        for (former, place) in places where target.hasPrefix(former) {
            return ["$ref": .string(place + target.dropFirst(former.count))]
        }
        return value
    }
}
