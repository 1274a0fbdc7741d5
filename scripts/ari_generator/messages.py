"""What comes over the WebSocket of events: an enumeration, and a model for each of its cases."""
from . import comments, names
from .models import messages, parents, structure


def enumeration(models):
    """The Swift file of the enumeration of messages."""
    cases = {name: names.escaped(names.member(name)) for name in messages(models)}
    declared = "".join(
        f"{comments.comment(comments.paragraphs(models[name]['description'])[:1], 4)}\n    case {case}({name})\n"
        for name, case in cases.items()
    )
    decoded = "".join(
        f'        case "{name}": self = .{case}(try {name}(from: decoder))\n' for name, case in cases.items()
    )
    encoded = "".join(
        f"        case .{case}(let message): try message.encode(to: encoder)\n" for case in cases.values()
    )
    return f"""/// Anything that Asterisk says over the WebSocket of events, with all that it says.
///
/// ``Event`` is the same for who reads every event of a fleet: one type for all, and only what programs act on.
public indirect enum Message: Codable, Sendable, Hashable {{
{declared}    /// Of a type that is not known here.
    case unknown(type: String, JSONValue)

    private enum CodingKeys: CodingKey {{
        case type
    }}

    /// Reads a message by its `type`.
    public init(from decoder: any Decoder) throws {{
        let type = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .type)
        switch type {{
{decoded}        default: self = .unknown(type: type, try JSONValue(from: decoder))
        }}
    }}

    /// Writes the message as Asterisk would.
    public func encode(to encoder: any Encoder) throws {{
        switch self {{
{encoded}        case .unknown(_, let message): try message.encode(to: encoder)
        }}
    }}
}}
"""


def structures(models):
    """The Swift file of the messages themselves."""
    made = [
        structure(name, models[name], parents(name, models), indent=4, has_initializer=False)
        for name in messages(models)
    ]
    return "extension Message {\n" + "\n".join(made) + "}\n"
