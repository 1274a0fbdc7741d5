"""ARI clients that others have published work through the gateway as they are: programs that use them, on two nodes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ari_application import Application
from fleet import Fleet
from phone import Call, Phone
from wait import until

PROGRAMS = Path(__file__).with_name("ari_clients")

LIFE = ["StasisStart", "ChannelEnteredBridge", "ChannelLeftBridge", "StasisEnd"]
"""What a channel goes through in those programs."""

LIMIT = 60
"""Seconds that a program may take; each gives up by itself before."""

RUNS = 3
"""How often a program is run for its two channels to be on two nodes: of several gateways, the one that places the
second channel may not have heard of the first."""


def start(program: str, fleet: Fleet, application: str, *arguments: str) -> subprocess.Popen:
    """Starts a program that prints what it saw as one line of JSON; see `told`."""
    command = [sys.executable, str(PROGRAMS / f"{program}.py"), fleet.ari_url.removesuffix("/ari")]
    return subprocess.Popen(
        [*command, "wazo", "wazo", application, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def told(program: subprocess.Popen) -> dict:
    """What a program saw. Clients that go on after an exception print it, so that none goes unnoticed."""
    try:
        output, errors = program.communicate(timeout=LIMIT)
    finally:
        program.kill()
    assert (program.returncode, "Traceback" in errors) == (0, False), errors
    return json.loads(output)


def node_of(channel: str) -> str:
    """The node that a channel is on, by its id: Asterisk puts its name before."""
    return channel.split("-")[0]


@pytest.mark.parametrize("client", ["aioari", "asyncari", "ari_client"])
def test_a_client_has_a_bridge_across_nodes_and_sees_nothing_else(fleet: Fleet, client: str) -> None:
    with Application(fleet, "e2e-bystander") as bystander:
        for node in fleet.nodes().values():
            answer = fleet.ari(
                "POST", "channels", params={"endpoint": "Local/9999@default", "app": "e2e-bystander"},
                headers={"X-Asterisk-ID": node.id},
            )
            bystander.started(answer.json()["id"])
        # A Local channel has two ends.
        until(lambda: all(len(each) == 4 for each in fleet.at_each_gateway("ari/channels")), 5, "four channels")
        foreign = {channel["id"] for channel in fleet.ari("GET", "channels").json()}

        for _ in range(RUNS):
            saw = told(start(f"with_{client}", fleet, f"e2e-{client.replace('_', '-')}"))
            if len(set(map(node_of, saw["channels"]))) == 2:
                break

        for channel in foreign:
            fleet.ari("DELETE", f"channels/{channel}")
        for event in bystander.events:
            assert event.get("channel", {}).get("id") in {None, *foreign}, "nobody hears of another's channels"

    channels, bridge, playback = saw["channels"], saw["bridge"], saw["playback"]
    assert sorted(map(node_of, channels)) == sorted(fleet.nodes()), "one on each node"
    assert saw["nodes"] == [node_of(channel) for channel in channels], "as the node itself says"
    assert len(set(saw["topics"])) == 1 and saw["topics"][0], "the variable that was given to both"
    assert sorted(saw["members"]) == sorted(channels)
    assert saw["all_bridges"] == [bridge]
    assert "PJSIP/edge" in saw["all_endpoints"]
    own = {channel: name for channel, name in saw["all_channels"].items() if channel not in foreign}
    assert set(saw["all_channels"]) >= foreign | set(channels)
    halves = sorted((node_of(channel), name[-2:]) for channel, name in own.items())
    assert halves == sorted((node, half) for node in fleet.nodes() for half in (";1", ";2")), f"no leg in {own}"

    events = [(kind, subject) for kind, subject in saw["events"]]
    assert {subject for _, subject in events} <= {*own, bridge, playback}
    for channel in channels:
        assert [kind for kind, subject in events if subject == channel and kind in LIFE] == LIFE
    assert [kind for kind, subject in events if subject == playback] == ["PlaybackStarted", "PlaybackFinished"]
    assert saw["playback_state"] == "done"
    assert sorted(saw["ended"]) == sorted(channels)
    assert [kind for kind, subject in events if subject == bridge] == ["BridgeDestroyed"]
    assert saw["gone"] == 404

    def first(kind: str) -> int:
        return next(index for index, event in enumerate(events) if event[0] == kind)

    def last(kind: str) -> int:
        return max(index for index, event in enumerate(events) if event[0] == kind)

    assert last("ChannelEnteredBridge") < first("PlaybackFinished") < first("ChannelLeftBridge")
    assert last("StasisEnd") < first("BridgeDestroyed")


def test_the_example_of_asterisks_documentation_greets_callers_on_both_nodes(fleet: Fleet, phone: Phone) -> None:
    def greeted() -> list[Call]:
        """Dials once more: a route takes a moment to be known to all nodes, and each takes calls in its turn."""
        call = phone.dial("8045")
        until(lambda: call.answered_at or call.ended_at, 5, "the call to be answered or refused", interval=0.02)
        calls = [call.answered() for call in phone.calls if call.answered_at]
        if {fleet.node_of(call) for call in calls} == nodes:
            return calls
        call.ended()
        return []

    nodes = set(fleet.nodes())
    fleet.do("routes", "add", "8045", "hello")
    greeter = start("with_websocket_client", fleet, "hello", *nodes)
    try:
        until(lambda: fleet.ari("GET", "applications/hello").status_code == 200, 10, "the program to be connected")
        calls = until(greeted, 30, "calls on both nodes that were answered", interval=0.2)
        saw = told(greeter)
        for call in calls:
            assert call.ended().heard().loudness() > -40, "the greeting reaches the caller"
    finally:
        greeter.kill()
        fleet.do("routes", "remove", "8045")

    assert sorted(map(node_of, saw)) == sorted(fleet.node_of(call) for call in calls)
    wanted = ["StasisStart", "PlaybackStarted", "PlaybackFinished", "StasisEnd"]
    for kinds in saw.values():
        assert [kind for kind in kinds if kind in wanted] == wanted
