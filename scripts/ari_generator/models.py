"""The models as structs."""
from . import comments, names
from .description import allowed

# Objects that only hold strings.
STRINGS = {("Channel", "channelvars"), ("Bridge", "bridgevars"), ("Variables", "variables")}

# What Asterisk leaves out now and then, though it is described as required: before 22, or of channels that are ending.
OPTIONAL = {
    "Channel": {"protocol_id", "accountcode", "language"},
    "DialplanCEP": {"app_name", "app_data"},
}

# The root of everything that comes over the WebSocket, and the properties of all events.
MESSAGE, EVENT = "Message", "Event"


class Property:
    """One property of a model."""

    def __init__(self, model, key, given):
        self.key = key
        self.given = given
        self.name = names.member(key)
        self.is_optional = not given.get("required", False) or key in OPTIONAL.get(model, ())
        self.type = "[String: String]" if (model, key) in STRINGS else names.type_of(given["type"])

    @property
    def declaration(self):
        """Its name and type."""
        return f"{names.escaped(self.name)}: {self.type}" + ("?" if self.is_optional else "")

    @property
    def documentation(self):
        """Its doc comment, without the marks."""
        text = comments.sentence(self.given.get("description") or f"The `{self.key}`")
        if values := allowed(self.given):
            text += f" {comments.listed(values)}."
        elif self.given["type"] == "Date":
            text += " ISO 8601 with milliseconds and zone."
        return text


def initializer(properties, indent):
    """What makes a value from its parts: the compiler's own is not public."""
    taken = ", ".join(one.declaration + (" = nil" if one.is_optional else "") for one in properties)
    lines = [f"self.{one.name} = {names.escaped(one.name)}" for one in properties]
    body = "".join(f"\n{' ' * (indent + 4)}{line}" for line in lines)
    end = f"\n{' ' * indent}" if lines else ""
    return (
        f"{comments.comment(['A value from its parts.'], indent)}\n"
        f"{' ' * indent}public init({taken}) {{{body}{end}}}\n"
    )


def coding_keys(properties, indent):
    """Nothing where all names are ARI's own."""
    if all(one.key == one.name for one in properties):
        return ""
    same = [names.escaped(one.name) for one in properties if one.key == one.name]
    lines = [f"case {', '.join(same)}"] if same else []
    lines += [f'case {names.escaped(one.name)} = "{one.key}"' for one in properties if one.key != one.name]
    body = "".join(f"{' ' * (indent + 4)}{line}\n" for line in lines)
    return f"\n{' ' * indent}enum CodingKeys: String, CodingKey {{\n{body}{' ' * indent}}}\n"


def structure(name, model, inherited=(), indent=0, has_initializer=True):
    """A model as a struct that holds what it inherits as well."""
    properties = [
        Property(owner, key, value)
        for owner, described in [*inherited, (name, model)]
        for key, value in described["properties"].items()
    ]
    protocols = "Codable, Sendable, Hashable" + (", Identifiable" if "id" in model["properties"] else "")
    description = comments.paragraphs(model.get("description") or f"ARI's `{name}`")
    lines = [line for paragraph in description for line in ("", paragraph)][1:]
    if not inherited and names.model(name) != name:
        lines[0] += f" ARI calls it `{name}`."
    inner = indent + 4
    text = f"{comments.comment(lines, indent)}\n{' ' * indent}public struct {names.model(name)}: {protocols} {{\n"
    for one in properties:
        text += f"{comments.comment([one.documentation], inner)}\n{' ' * inner}public var {one.declaration}\n"
    text += coding_keys(properties, inner)
    if has_initializer:
        text += ("\n" if properties else "") + initializer(properties, inner)
    return f"{text}{' ' * indent}}}\n"


def all_models(documents):
    """The models of all resources by name."""
    return {name: model for document in documents.values() for name, model in document.get("models", {}).items()}


def parents(name, models):
    """The models that one inherits from with their names, the root first."""
    parent = next((parent for parent, model in models.items() if name in model.get("subTypes", [])), None)
    return parents(parent, models) + [(parent, models[parent])] if parent else []


def messages(models):
    """The models that come over the WebSocket by themselves."""
    return sorted(name for name in models if parents(name, models) and name != EVENT)


def group(document, models):
    """The Swift file of the models of a resource, without the messages; nil if there are none."""
    apart = {MESSAGE, EVENT, *messages(models)}
    made = [structure(name, model) for name, model in document.get("models", {}).items() if name not in apart]
    return "\n".join(made) or None
