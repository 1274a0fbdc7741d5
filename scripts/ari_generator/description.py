"""Asterisk's description of ARI: where it is, and what it says."""
import json
import os
import pathlib
import re
import sys

STATE = pathlib.Path(os.environ.get("ASTERISM_STATE_DIR", "/var/lib/asterism"))
ENGINES = pathlib.Path(os.environ.get("ASTERISM_ENGINES", STATE / "engines"))
PLACES = [
    ENGINES / "asterisk-22/usr/share/asterisk/rest-api",
    pathlib.Path("/usr/share/asterisk/rest-api"),
    pathlib.Path("/var/lib/asterisk/rest-api"),
]


def add_option(options):
    """Adds the option that names another folder to those of a program."""
    options.add_argument("--rest-api", type=pathlib.Path, help="folder with Asterisk's resources.json")


def find(given):
    """The folder with the description: the one given, else that of the unpacked tree or of an installed Asterisk."""
    folders = [given] if given else PLACES
    folder = next((folder for folder in folders if (folder / "resources.json").is_file()), None)
    if folder is None:
        sys.exit(f"no description of ARI in {', '.join(map(str, folders))}; run `asterism doctor --install`")
    return folder


def load(folder):
    """The documents of all resources by name, each with the `title` that resources.json gives it."""
    documents = {}
    for api in json.loads((folder / "resources.json").read_text())["apis"]:
        name = re.fullmatch(r"/api-docs/(\w+)\.\{format\}", api["path"])[1]
        documents[name] = json.loads((folder / f"{name}.json").read_text()) | {"title": api["description"]}
    return documents


def operations(document):
    """The operations of a resource, each with the `path` it is at."""
    return [given | {"path": api["path"]} for api in document["apis"] for given in api["operations"]]


def allowed(given):
    """The only values that a parameter or a property can have, if they are listed."""
    values = given.get("allowableValues") or {}
    return values["values"] if values.get("valueType") == "LIST" else None
