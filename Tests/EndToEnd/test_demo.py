"""The same without a phone: the built-in one."""

import re
import subprocess
from pathlib import Path

from fleet import Fleet, binary
from wait import until


def test_the_demo_ends_well_and_says_what_was_heard_from_which_node(own_fleet: Fleet) -> None:
    done = subprocess.run(
        [str(binary()), "demo", "--state-dir", str(own_fleet.state), "--port-offset", str(own_fleet.port_offset)],
        capture_output=True, text=True, timeout=150, stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("8001", "7001", "ast1", "ast2"):
        assert word in done.stdout
    until(lambda: own_fleet.traces() == [], 5, lambda: f"no traces; there are {own_fleet.traces()}")


def test_a_call_from_the_command_line_says_what_was_heard_and_keeps_it(fleet: Fleet) -> None:
    done = fleet.run("call", "8001", timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert any(node.nickname.lower() in done.stdout.lower() for node in fleet.nodes().values())
    recording = re.search(r"\S+\.wav", done.stdout)
    assert recording and Path(recording.group()).stat().st_size > 8000


def test_a_call_to_an_unknown_number_fails(fleet: Fleet) -> None:
    done = fleet.run("call", "4444", timeout=60)
    assert done.returncode != 0
    assert "404" in done.stdout + done.stderr
