"""Starting and stopping: nothing is left behind, and whatever is in the way is named together with the remedy."""

import socket
import subprocess
import time

import pytest

from fleet import CLUSTER, Fleet, binary
from phone import Phone
from processes import descendants, is_alive, mentioning
from wait import until

WARM = 60.0 if CLUSTER else 20.0
"""Seconds within which a fleet with its engines is ready, slow machines included; RabbitMQ alone may boot for eight."""


def call_works(fleet: Fleet) -> Phone:
    """Registers the demo's phone and leaves it in a call."""
    phone = Phone("demo", "demo", fleet.sip_port).register()
    phone.call("9999")
    return phone


def test_a_stopped_fleet_leaves_nothing_and_starts_again_at_once(own_fleet: Fleet) -> None:
    own_fleet.start()
    phone = call_works(own_fleet)
    refused = Fleet(own_fleet.state, own_fleet.port_offset + 2000)
    refused.output_path = own_fleet.state / "second.log"
    assert refused.launch().process.wait(20) != 0, "a second fleet in one state directory is refused"
    assert str(own_fleet.state) in refused.output() and "running" in refused.output()

    children = descendants(own_fleet.process.pid)
    assert children
    assert own_fleet.stop() == 0
    phone.close()
    assert [child for child in children if is_alive(child.pid)] == []
    until(lambda: own_fleet.traces() == [], 2, lambda: f"no traces; there are {own_fleet.traces()}")

    begun = time.monotonic()
    own_fleet.start()
    assert time.monotonic() - begun < WARM
    assert own_fleet.stop() == 0


def test_what_a_killed_fleet_left_is_cleaned_up_by_the_next_start(own_fleet: Fleet) -> None:
    own_fleet.start()
    phone = call_works(own_fleet)
    orphans = descendants(own_fleet.process.pid)
    own_fleet.kill()
    phone.close()

    own_fleet.start()
    assert [orphan for orphan in orphans if is_alive(orphan.pid)] == []
    call_works(own_fleet).close()
    assert own_fleet.stop() == 0
    until(lambda: own_fleet.traces() == [], 2, lambda: f"no traces; there are {own_fleet.traces()}")


@pytest.mark.parametrize(
    ("what", "kind", "port"),
    [("edge", socket.SOCK_DGRAM, 5060), ("gateway", socket.SOCK_STREAM, 8088), ("node", socket.SOCK_STREAM, 8101)],
)
def test_a_port_in_use_is_named(own_fleet: Fleet, what: str, kind: int, port: int) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        if kind == socket.SOCK_STREAM:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # over what an earlier fleet's calls left
        taken.bind(("127.0.0.1", port + own_fleet.port_offset))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        assert own_fleet.launch().process.wait(20) != 0
    said = own_fleet.output()
    assert str(port + own_fleet.port_offset) in said
    assert "ss -lnp" in said, "the message says how to find who holds it"
    assert mentioning(str(own_fleet.state)) == []


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--nodes", "0"], "nodes"),
        (["--nodes", "many"], "many"),
        (["--port-offset", "70000"], "port-offset"),
        (["--listen", "no-such-interface"], "no-such-interface"),
        (["--no-such-flag"], "no-such-flag"),
    ],
)
def test_a_bad_flag_is_refused_by_name(own_fleet: Fleet, flags: list[str], named: str) -> None:
    done = subprocess.run(
        [str(binary()), "up", "--state-dir", str(own_fleet.state), *flags],
        capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL,
    )
    assert done.returncode != 0
    assert named in done.stdout + done.stderr
    assert mentioning(str(own_fleet.state)) == []
