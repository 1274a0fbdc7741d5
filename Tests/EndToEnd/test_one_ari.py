"""The fleet's ARI beside that of a lone Asterisk: the same requests must have the same answers and the same events.

Where they differ, docs/ari-compatibility.md says so and why; what it lists must differ, and nothing else may.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from differential.world import World
from fleet import ROOT, Fleet
from wait import until

DOCUMENT = ROOT / "docs/ari-compatibility.md"

REQUESTS = [
    line
    for line in (Path(__file__).parent / "differential/requests.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


MUST_WORK = (
    "POST /bridges/room/addChannel?channel=one", "POST /bridges/room/addChannel?channel=two&mute=true",
    "POST /bridges/room2/removeChannel?channel=two", "POST /channels/one/play/p1?media=sound:silence/10",
    "POST /channels/one/record?name=rec&format=wav", "GET /recordings/stored/rec/file",
    "PUT /deviceStates/Stasis:door?deviceState=INUSE", "POST /asterisk/variable?variable=GLOB&value=1",
)
"""Without these the rest would agree on nothing."""


@dataclass
class Finding:
    """How one request went on both."""

    request: str
    alone: str
    fleet: str

    @property
    def agrees(self) -> bool:
        return self.alone == self.fleet

    def __str__(self) -> str:
        return f"{self.request}\n  one Asterisk: {self.alone}\n  the fleet:    {self.fleet}"


@pytest.fixture(scope="module")
def findings(shared_fleet: Fleet, tmp_path_factory) -> Iterator[list[Finding]]:
    """Every request on both, in order. What differs is tried once more: a matter of milliseconds agrees then."""
    # Below the ports that the system gives to clients, of which the tests before have used many.
    alone = Fleet(tmp_path_factory.mktemp("alone"), shared_fleet.port_offset - 2000, nodes=1, cluster=False)
    try:
        node = alone.start().node("ast1")
        shared_fleet.settled(2)
        gateways = [f"{url}/ari" for url in shared_fleet.gateway_urls]
        places = (f"http://{node.ari}/ari", *node.credentials, []), (shared_fleet.ari_url, "wazo", "wazo", gateways)
        found = compared(*places)
        if any(not finding.agrees and finding.request not in documented() for finding in found):
            found = [again if again.agrees else first for first, again in zip(found, compared(*places), strict=True)]
        yield found
        alone.stop()
    finally:
        alone.kill()
        alone.sweep()


def compared(alone: tuple[str, str, str, list[str]], fleet: tuple[str, str, str, list[str]]) -> list[Finding]:
    """All requests, from the beginning; each ARI is given by its address, a user with a password, and its gateways."""
    worlds = World(*alone, (None, None)), World(*fleet, ("ast1", "ast2"))
    try:
        for world in worlds:
            world.forget()
        return [compare(line, *worlds) for line in REQUESTS]
    finally:
        for world in worlds:
            world.close()


def compare(line: str, alone: World, fleet: World) -> Finding:
    try:
        answers = alone.ask(line), fleet.ask(line)
    except requests.RequestException as trouble:
        raise AssertionError(f"{line}: {trouble}") from None
    try:
        until(lambda: alone.heard() == fleet.heard(), 5, "the same events", strict=True)
    except TimeoutError:
        pass
    events = alone.heard(), fleet.heard()
    for world in (alone, fleet):
        world.forget()
    first, second = (f"{answer}" for answer in answers)
    if events[0] != events[1]:
        first += f"; events {sorted((events[0] - events[1]).elements())}"
        second += f"; events {sorted((events[1] - events[0]).elements())}"
    return Finding(line, first, second)


def documented() -> dict[str, str]:
    """Requests that the document says differ, with the reason."""
    text = DOCUMENT.read_text().split("## Requests that differ", 1)[1]
    return dict(re.findall(r"^\| `(.+?)` \| (.+?) \|$", text, re.MULTILINE))


def operations() -> list[tuple[str, str]]:
    """Asterisk's operations: method and path."""
    paths = json.loads((ROOT / "config/openapi/gateway.json").read_text())["paths"]
    return [
        (method.upper(), path.removeprefix("/ari"))
        for path, methods in paths.items()
        for method in methods
        if path.startswith("/ari/") and not path.startswith("/ari/amqp") and method in ("get", "post", "put", "delete")
    ]


def test_every_operation_is_tried_and_documented() -> None:
    assert len(REQUESTS) >= 150
    text = DOCUMENT.read_text()
    for method, path in operations():
        pattern = re.compile(f"{method} " + re.sub(r"\\{.+?\\}", "[^/? ]+", re.escape(path)) + r"(\?| |$)")
        assert any(pattern.match(line) for line in REQUESTS), f"no request tries {method} {path}"
        assert f"| `{method} {path}` |" in text, f"the document does not say what becomes of {method} {path}"


def test_the_fleet_answers_as_one_asterisk_does(findings: list[Finding]) -> None:
    known = documented()
    unlike = [finding for finding in findings if not finding.agrees and finding.request not in known]
    assert not unlike, "\n".join(map(str, unlike))


def test_what_is_said_to_differ_differs(findings: list[Finding]) -> None:
    differing = {finding.request for finding in findings if not finding.agrees}
    assert set(documented()) <= differing, "the document lists what does not differ"


def test_what_the_comparison_rests_on_worked(findings: list[Finding]) -> None:
    answers = {finding.request: finding.alone for finding in findings}
    assert [request for request in MUST_WORK if not answers[request].startswith("20")] == []
