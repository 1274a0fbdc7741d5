"""What must be true of a fleet on which nobody does anything any more, whatever was done and broken before."""

from ari_application import Event
from fleet import Fleet
from wait import until

QUIET = 60.0
"""Seconds within which all nodes are up and empty. A leg whose other end died lasts ten; a node that goes waits for its
last call."""


def check(fleet: Fleet, size: int, events: list[Event]) -> None:
    """Waits for the fleet to come to rest; fails on ghosts on the nodes, in any gateway, or in the application."""
    fleet.settled(size, QUIET)
    fleet.empty(QUIET)
    until(lambda: ghosts(fleet) == [], 15, lambda: f"no ghosts in gateways; there are {ghosts(fleet)}", interval=0.3)
    until(lambda: unpaired(events) == [], 15, lambda: f"every StasisStart ended once; not so: {unpaired(events)}")


def ghosts(fleet: Fleet) -> list[str]:
    """Channels and bridges that a gateway shows to applications or operators."""
    found = [f"operators' call {call['id']}" for call in fleet.calls()]
    found += [f"operators' bridge {bridge['id']}" for bridge in fleet.bridges()]
    for url in fleet.gateway_urls:
        for kind in ("channels", "bridges"):
            found += [f"{url} {kind}/{each['id']}" for each in fleet.ari("GET", kind, at=f"{url}/ari").json()]
    return found


def unpaired(events: list[Event]) -> list[str]:
    """Channels of which an application heard that they entered it and not that they left, or either of them twice."""
    inside: dict[str, int] = {}
    wrong = []
    for event in list(events):
        change = {"StasisStart": 1, "StasisEnd": -1}.get(event["type"])
        if change is None:
            continue
        channel = event["channel"]["id"]
        inside[channel] = inside.get(channel, 0) + change
        if inside[channel] not in (0, 1):
            wrong.append(f"a second {event['type']} of {channel}")
    return wrong + [f"no StasisEnd of {channel}" for channel, count in inside.items() if count > 0]
