"""What the tests of faults measure, and where it goes for docs/reliability.md."""

import json
import os

from fleet import Fleet
from phone import Phone

AUDIBLE_SHARE = 0.9
"""Of the time in which one caller hears the other: two cores that start a broker while ten phones talk drop packets."""


def works(fleet: Fleet, phone: Phone) -> bool:
    """Whether two nodes are up and an application answers: raises, or says no, while the fleet has not recovered."""
    if phone.try_register()[0] != 200:
        return False
    phone.call("8001")
    phone.hang_up()
    return [node.state for node in fleet.nodes().values()] == ["up", "up"]


def note(part: str, fault: str, **figures) -> None:
    """Adds a line to the file that ASTERISM_RELIABILITY names, if it does."""
    if name := os.environ.get("ASTERISM_RELIABILITY"):
        with open(name, "a") as file:
            file.write(json.dumps({"part": part, "fault": fault, **figures}) + "\n")
