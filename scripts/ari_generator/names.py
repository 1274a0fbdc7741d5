"""Swift's names for what ARI names."""
import re

TYPES = {
    "string": "String",
    "int": "Int",
    "long": "Int",
    "double": "Double",
    "boolean": "Bool",
    "object": "[String: JSONValue]",
    "binary": "ByteBuffer",
    # ARI writes the zone without a colon; who wants a date parses it, and nobody pays for it otherwise.
    "Date": "String",
}

# What would be read as something else in Swift; RTPstat and DialplanCEP are spelt out.
MODELS = {
    "DialplanCEP": "DialplanPosition",
    "RTPstat": "RTPStatistics",
    "SetId": "SetID",
    # Sound is a module of this package.
    "Sound": "SoundFile",
}

# The enumerations of parameters, by parameter or by operation and parameter. Others are named after their parameter.
ENUMERATIONS = {
    "only": "InfoPart",
    "reason": "HangupReason",
    "mute.direction": "MuteDirection",
    "unmute.direction": "MuteDirection",
    "externalMedia.direction": "ExternalMediaDirection",
    "encapsulation": "ExternalMediaEncapsulation",
    "transport": "ExternalMediaTransport",
    "connection_type": "ExternalMediaConnection",
    "spy": "SnoopDirection",
    "whisper": "SnoopDirection",
    "ifExists": "RecordingConflict",
    "terminateOn": "RecordingTerminator",
    "operation": "PlaybackOperation",
    "deviceState": "DeviceStateValue",
}

# `none` would be taken for the absence of an optional value.
CASES = {"none": "nothing", "*": "star", "#": "pound"}

KEYWORDS = {"as", "case", "continue", "default", "extension", "false", "for", "in", "is", "operator", "true", "where"}


def member(name):
    """A property, parameter or method: `channelId` and `channel_id` are `channelID`, `RESTHeader` is `restHeader`."""
    joined = re.sub(r"_(\w)", lambda match: match[1].upper(), name)
    joined = re.sub(r"(?<=[a-z])(Id|Uri)(?=s?([A-Z]|$))", lambda match: match[1].upper(), joined)
    return re.sub(r"^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]", lambda match: match[0].lower(), joined)


def upper(name):
    """The same, as a type."""
    return member(name)[0].upper() + member(name)[1:]


def case(value):
    """A case of an enumeration."""
    return CASES.get(value) or member(value.lower() if value.isupper() else value)


def escaped(name):
    """A name where a keyword would not be understood as one."""
    return f"`{name}`" if name in KEYWORDS else name


def model(name):
    """The type of a model."""
    return MODELS.get(name, name)


def type_of(given):
    """The type for one of the description: List[X], a simple one, or a model."""
    if match := re.fullmatch(r"List\[(.+)\]", given):
        return f"[{type_of(match[1])}]"
    return TYPES.get(given) or model(given)


def enumeration(operation, parameter):
    """The type of a parameter with few values."""
    return ENUMERATIONS.get(f"{operation}.{parameter}") or ENUMERATIONS.get(parameter) or upper(parameter)
