"""The conference as the tests see it: who hears whom, and what ties the nodes together."""

from itertools import permutations

from fleet import ROOM, Fleet
from phone import Call
from wait import until

NUMBER = ROOM

JOINED = 2.0
"""Seconds after answer within which a caller must hear the others, wherever they are."""


def report(fleet: Fleet) -> dict | None:
    """The one bridge that holds callers."""
    occupied = [bridge for bridge in fleet.bridges() if bridge["channels"]]
    assert len(occupied) <= 1, f"one room was expected, these bridges have callers: {occupied}"
    return occupied[0] if occupied else None


def legs(fleet: Fleet) -> list[str]:
    """The nodes that a leg ties to the home."""
    found = report(fleet)
    return sorted(leg["node"] for leg in found["legs"]) if found else []


def settled_with_legs(fleet: Fleet, nodes: list[str], home: str | None = None) -> None:
    """Waits until exactly these nodes have a leg, to the home that is named."""
    until(
        lambda: legs(fleet) == nodes and (home is None or report(fleet)["home"] == home), 5,
        lambda: f"legs of {nodes} to {home or 'any home'}; it is {report(fleet)}", interval=0.2,
    )


def all_hear_each_other(calls: list[Call], timeout: float = 5, strict: bool = False) -> None:
    """Waits until every caller hears every other one steadily, and checks that nobody hears himself; see `until`."""
    for listener, speaker in permutations(calls, 2):
        until(
            lambda: listener.hears(speaker.phone.hertz), timeout,
            f"{listener.phone.user} hearing {speaker.phone.user}", interval=0.2, strict=strict,
        )
    for call in calls:
        assert call.is_free_of(call.phone.hertz), f"{call.phone.user} hears himself"


def seconds_to_hear(listener: Call, speaker: Call) -> float:
    """How long after both were answered the one first heard the other."""
    both_answered = max(listener.answered_at, speaker.answered_at) - listener.answered_at
    return listener.first_heard(speaker.phone.hertz, after=both_answered) - both_answered
