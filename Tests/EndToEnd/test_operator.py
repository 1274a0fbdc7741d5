"""The operator's commands: text for people, JSON for programs, and errors that help."""

import json
import subprocess
from pathlib import Path

import pytest

from fleet import Fleet, binary
from phone import Phone
from wait import until


def test_nodes_are_listed_for_people_and_for_programs(fleet: Fleet) -> None:
    text = fleet.do("nodes")
    for node in fleet.nodes().values():
        for word in (node.name, node.nickname, node.state, node.sip):
            assert word in text
    assert "ariCredentials" not in fleet.do("nodes", "--output", "json"), "secrets only when asked for"


def test_a_call_is_listed_with_its_node_number_and_caller(fleet: Fleet, phone: Phone) -> None:
    call = phone.call("8001")
    node = fleet.node_of(call)

    def listed() -> list[tuple[str, ...]]:
        return [(each["node"], each["dialled"], each["caller"], each["state"]) for each in fleet.calls()]

    until(lambda: listed() == [(node, "8001", phone.user, "Up")], 5, lambda: f"the call in the list {listed()}")
    until(lambda: fleet.node(node).calls == 1, 5, "the node to have one call")
    until(lambda: node in (text := fleet.do("calls")) and "8001" in text, 5, "the call in the text")
    call.hang_up()
    until(lambda: fleet.calls() == [], 5, "the call to go from the list")


def test_bridges_show_the_room(fleet: Fleet, phone: Phone) -> None:
    call = phone.call("7001")
    node = fleet.node_of(call)
    until(lambda: [each["home"] for each in fleet.bridges() if each["channels"]] == [node], 5, "the room")
    until(lambda: node in fleet.do("bridges"), 5, "the room in the text")


def test_routes_are_added_listed_and_removed(fleet: Fleet) -> None:
    assert {"8001", "7001"} <= {route["number"] for route in fleet.json("routes", "list")}
    fleet.do("routes", "add", "8055", "some-app")
    assert {"number": "8055", "application": "some-app"} in fleet.json("routes", "list")
    assert "8055" in fleet.do("routes", "list")
    fleet.do("routes", "remove", "8055")
    assert "8055" not in fleet.do("routes", "list")


def test_subscribers_are_added_listed_and_removed(fleet: Fleet) -> None:
    fleet.do("subscribers", "add", "paula", "--password", "pw1")
    assert "paula" in {subscriber["name"] for subscriber in fleet.json("subscribers", "list")}
    assert "pw1" not in fleet.do("subscribers", "list", "--output", "json")
    phone = Phone("paula", "pw1", fleet.sip_port).register()
    phone.close()
    fleet.do("subscribers", "remove", "paula")
    stranger = Phone("paula", "pw1", fleet.sip_port)
    until(lambda: stranger.try_register()[0] in (401, 403), 5, "the removed subscriber to be turned away")
    stranger.close()


def test_events_are_followed_live(fleet: Fleet, phone: Phone, tmp_path: Path) -> None:
    command = [str(binary()), "events", "--follow", "--output", "json", "--state-dir", str(fleet.state)]
    printed = tmp_path / "events"

    def a_call_shows() -> bool:
        phone.call("8001").hang_up()
        return '"StasisStart"' in printed.read_text()

    with printed.open("w") as output, subprocess.Popen(command, stdout=output) as following:
        try:
            until(a_call_shows, 10, "a call among the events", interval=0.5)
        finally:
            following.terminate()
    assert all(json.loads(line)["event"]["type"] for line in printed.read_text().splitlines())


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (["drain", "ast99"], "ast99"),
        (["undrain", "ast99"], "ast99"),
        (["routes", "remove", "0000"], "0000"),
        (["subscribers", "remove", "nobody"], "nobody"),
        (["scale", "0"], "node"),
        (["scale", "many"], "many"),
        (["routes", "add", "8001"], "application"),
    ],
)
def test_a_mistake_is_named_and_nothing_changes(fleet: Fleet, command: list[str], named: str) -> None:
    done = fleet.run(*command)
    assert done.returncode != 0
    assert named in (done.stdout + done.stderr).lower()
    assert len(fleet.nodes()) == 2


def test_without_a_fleet_commands_say_how_to_start_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(binary()), "nodes", "--state-dir", str(tmp_path)], capture_output=True, text=True, timeout=20,
    )
    assert done.returncode != 0
    assert "asterism up" in done.stderr and str(tmp_path) in done.stderr


def test_the_doctor_examines_this_machine(fleet: Fleet) -> None:
    done = fleet.run("doctor", timeout=60)
    assert "asterisk" in done.stdout.lower() and "kamailio" in done.stdout.lower()
