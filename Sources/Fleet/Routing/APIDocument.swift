import ARI

/// The descriptions of ARI (Swagger 1.1) that differ from Asterisk's own: clients such as ari-py make their methods from them.
package enum APIDocument {
    private static let list = "resources.json"
    private static let added = "amqp.json"

    /// Whether a document below `/ari/api-docs` is made here, wholly or in part.
    package static func isOurs(_ name: String) -> Bool { name == list || name == added }

    /// Whether a document is made here wholly.
    package static func isAdded(_ name: String) -> Bool { name == added }

    /// Asterisk's list of documents with the added one.
    package static func listing(_ resources: JSONValue) -> JSONValue {
        var listing = resources
        let entry: JSONValue = [
            "path": "/api-docs/amqp.{format}", "description": "AMQP resources",
        ]
        listing["apis"] = .array((resources["apis"]?.array ?? []).filter { $0["path"] != entry["path"] } + [entry])
        return listing
    }

    /// `amqp.json`.
    /// - Parameter host: as the client wrote it, with the port.
    package static func amqp(host: String) -> JSONValue {
        let name: JSONValue = [
            "name": "applicationName", "description": "Application's name", "paramType": "path", "required": true,
            "allowMultiple": false, "dataType": "string",
        ]
        func operation(_ method: String, _ nickname: String, _ summary: String, _ errors: [(Int, String)]) -> JSONValue
        {
            [
                "httpMethod": .string(method), "summary": .string(summary), "nickname": .string(nickname),
                "responseClass": "void", "parameters": [name],
                "errorResponses": .array(errors.map { ["code": .integer($0.0), "reason": .string($0.1)] }),
            ]
        }
        return [
            "_copyright": "The Asterism authors", "_author": "Asterism", "apiVersion": "2.0.0", "swaggerVersion": "1.1",
            "basePath": .string("http://\(host)/ari"), "resourcePath": "/api-docs/amqp.{format}",
            "apis": [
                [
                    "path": "/amqp/{applicationName}", "description": "Stasis application on AMQP",
                    "operations": [
                        operation(
                            "POST",
                            "stasisSubscribe",
                            "Publish the events of an application on the bus.",
                            [(400, "Invalid application name."), (500, "The registry cannot be written.")]
                        ),
                        operation(
                            "DELETE",
                            "stasisUnsubscribe",
                            "Stop publishing the events of an application.",
                            [(400, "Invalid application name."), (500, "The registry cannot be written.")]
                        ),
                    ],
                ]
            ], "models": [:],
        ]
    }
}
