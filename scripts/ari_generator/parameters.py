"""The parameters of operations, and the enumerations of those that have few values."""
import re

from . import comments, names
from .description import allowed, operations


class Parameter:
    """One parameter of an operation, as Swift sees it."""

    def __init__(self, operation, given):
        self.given = given
        self.place = given["paramType"]
        self.label = names.member(given["name"])
        self.name = names.escaped(self.label)
        self.is_required = self.place == "path" or given.get("required", False)
        self.is_list = given.get("allowMultiple", False)
        self.is_enumeration = allowed(given) is not None
        if self.is_enumeration:
            self.type = names.enumeration(operation, given["name"])
        elif self.place == "body":
            self.type = "[String: JSONValue]" if given["name"] == "variables" else "JSONValue"
        else:
            self.type = names.type_of(given["dataType"])

    @property
    def declaration(self):
        """What it is in a list of parameters."""
        type_name = f"[{self.type}]" if self.is_list else self.type
        return f"{self.label}: {type_name}" + ("" if self.is_required else "? = nil")

    @property
    def query(self):
        """The pair of name and value in the query."""
        optional = "" if self.is_required else "?"
        value = self.name
        if self.is_list:
            value += (f"{optional}.map(\\.rawValue)" if self.is_enumeration else optional) + '.joined(separator: ",")'
        elif self.is_enumeration:
            value += f"{optional}.rawValue"
        elif self.type != "String":
            value += f"{optional}.description"
        return f'("{self.given["name"]}", {value})'

    @property
    def body(self):
        """The body of the request. Only a filter of events is a body by itself; all else has a name in it."""
        if self.given["dataType"] == "object":
            return self.name
        value = self.name if self.is_required else "$0"
        if self.type != "JSONValue":
            value = f".object({value})"
        members = f'["{self.given["name"]}": {value}]'
        return members if self.is_required else f"{self.name}.map {{ {members} }}"

    @property
    def documentation(self):
        """Its line in the list of a doc comment."""
        text = self.given.get("description") or self.given.get("descriptioni") or f"The `{self.given['name']}`"
        limits = self.given.get("allowableValues") or {}
        if self.place == "body":
            # What it says of the body around the value is done here.
            text = re.sub(r'^The "\w+" key in the body object holds ', "", text)
            text = re.sub(r"( Other keys in .*?\.)? *Ex\. .*", "", text)
        parts = [comments.sentence(text[0].upper() + text[1:])]
        if limits.get("valueType") == "RANGE" and "min" in limits:
            parts.append(f"At least {limits['min']}.")
        if self.given.get("defaultValue") not in (None, "") and "default" not in text.lower():
            parts.append(f"`{str(self.given['defaultValue']).lower()}` unless given.")
        return f"  - {self.label}: {' '.join(parts)}"


def parameters(operation):
    """The parameters in Swift's order: path, what is required, what is not; the body comes last."""
    made = [Parameter(operation["nickname"], given) for given in operation.get("parameters", [])]
    in_path = [part[1:-1] for part in operation["path"].split("/") if part.startswith("{")]

    def order(parameter):
        is_in_path = parameter.place == "path"
        place = in_path.index(parameter.given["name"]) if is_in_path else 0
        return (not is_in_path, not parameter.is_required, parameter.place == "body", place)

    return sorted(made, key=order)


def enumerations(documents):
    """The Swift file with the enumerations of all parameters that have few values."""
    values, uses = {}, {}
    for resource_name, document in documents.items():
        for operation in operations(document):
            for given in operation.get("parameters", []):
                if (known := allowed(given)) is None:
                    continue
                name = names.enumeration(operation["nickname"], given["name"])
                if values.setdefault(name, known) != known:
                    raise SystemExit(f"{name} has two meanings; name one of them in ENUMERATIONS of names.py")
                use = f"{resource_name}.{names.member(operation['nickname'])}"
                uses.setdefault(name, {}).setdefault(given["name"], []).append(use)
    return "extension ARIClient {\n" + "\n\n".join(
        enumeration(name, known, uses[name]) for name, known in sorted(values.items())
    ) + "\n}\n"


def enumeration(name, values, uses):
    """One of them. `uses` has the operations by the name of the parameter."""
    cases = []
    for value in values:
        case = names.case(value)
        cases.append(names.escaped(case) if case == value else f'{names.escaped(case)} = "{value}"')
    places = sorted({place for places in uses.values() for place in places})
    return (
        comments.comment([f"What {comments.listed(uses)} can be in {comments.listed(places, 'and')}."], indent=4)
        + f"\n    public enum {name}: String, Sendable, Hashable, CaseIterable {{\n"
        + "".join(f"        case {case}\n" for case in cases)
        + "    }"
    )
