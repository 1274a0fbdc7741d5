"""The operations of a resource as methods of a value that `ARIClient` gives out."""
from . import comments, names
from .description import operations
from .parameters import parameters

# The oldest major release of Asterisk that a fleet may run: what came with it goes without saying.
OLDEST = 20

# The parameter that WebSockets have beside ARI's.
SILENCE = "A server that says nothing for so long is asked whether it is there, and then given up."


def documentation(operation, taken):
    """The doc comment of an operation with these parameters."""
    lines = [comments.sentence(operation["summary"])]
    for paragraph in comments.paragraphs(operation.get("notes", "")):
        lines += ["", paragraph]
    lines += ["", f"`{operation['httpMethod']} {operation['path']}`"]
    since = [version.split(".") for version in operation.get("since", [])]
    since = sorted((int(major), int(minor)) for major, minor, _ in since if int(major) >= OLDEST)
    if since:
        lines[-1] += f", since Asterisk {', '.join(f'{major}.{minor}' for major, minor in since)}"
    if taken:
        lines += ["- Parameters:"] + [parameter.documentation for parameter in taken]
    if operation.get("upgrade") == "websocket":
        lines.append(f"  - silence: {SILENCE}")
    errors = [f"{error['code']}: {comments.sentence(error['reason'])}" for error in operation.get("errorResponses", [])]
    if errors:
        lines.append(f"- Throws: ``ARIError/refused(status:message:request:)`` with {' '.join(errors)}")
    return comments.comment(lines, indent=8)


def call(operation, taken):
    """What a method does: the expression, the error it throws, and the type of the answer, if there is one."""
    path = [
        names.escaped(names.member(part[1:-1])) if part.startswith("{") else f'"{part}"'
        for part in operation["path"].strip("/").split("/")
    ]
    query = [parameter.query for parameter in taken if parameter.place == "query"]
    arguments = [f"[{', '.join(path)}]"] + ([f"query: [{', '.join(query)}]"] if query else [])
    if operation.get("upgrade") == "websocket":
        return f"client.openSocket({', '.join(arguments)}, silence: silence)", "WebSocketError", "WebSocketConnection"
    arguments = [f".{operation['httpMethod']}"] + arguments
    arguments += [f"body: {parameter.body}" for parameter in taken if parameter.place == "body"]
    given = operation["responseClass"]
    if given in ("void", "binary"):
        body, answer = (".body", names.type_of(given)) if given == "binary" else ("", None)
        return f"client.request({', '.join(arguments)}){body}", "ARIError", answer
    answer = names.type_of(given)
    return f"client.request({', '.join([f'{answer}.self'] + arguments)})", "ARIError", answer


def method(operation):
    """One operation."""
    taken = parameters(operation)
    declared = [parameter.declaration for parameter in taken]
    if taken and taken[0].place == "path":
        declared[0] = f"_ {declared[0]}"
    if operation.get("upgrade") == "websocket":
        declared.append("silence: TimeAmount? = nil")
    expression, error, answer = call(operation, taken)
    attribute = "@discardableResult\n        " if answer and operation["httpMethod"] != "GET" else ""
    signature = f"{names.escaped(names.member(operation['nickname']))}({', '.join(declared)}) async throws({error})"
    return f"""{documentation(operation, taken)}
        {attribute}public func {signature}{f" -> {answer}" if answer else ""} {{
            try await {expression}
        }}"""


def resource(name, document):
    """The Swift file of a resource."""
    type_name = names.upper(name)
    methods = [method(operation) for operation in operations(document)]
    text = "\n\n".join(methods)
    imports = "".join(
        f"import {module}\n"
        for module, word in [("NIOCore", "ByteBuffer"), ("NIOCore", "TimeAmount"), ("NIOHTTP1", "client.request(")]
        if word in text
    )
    return f"""{imports}
extension ARIClient {{
    /// {comments.sentence(document["title"])}
    public var {name}: {type_name} {{ {type_name}(client: self) }}

    /// Operations of `{document["resourcePath"].replace("{format}", "json").removeprefix("/api-docs/")}`.
    public struct {type_name}: Sendable {{
        let client: ARIClient

{text}
    }}
}}
"""
