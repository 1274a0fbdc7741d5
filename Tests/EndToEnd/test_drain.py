"""A draining node takes no new call and keeps those that it has."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import load
import pytest

from fleet import Fleet
from reliability import AUDIBLE_SHARE, note
from room import NUMBER, all_hear_each_other
from wait import throughout, until

CALLS = 51
"""The same for each of three nodes."""

HOLD = 25
"""Seconds that each of them lasts: enough to see what becomes of them, also on a busy machine."""


@pytest.fixture
def draining(fleet: Fleet) -> Iterator[Fleet]:
    """Gives the node back whatever happens in the test."""
    yield fleet
    fleet.run("undrain", "ast1")


def test_new_calls_avoid_a_draining_node_and_old_ones_go_on(draining: Fleet, phones) -> None:
    fleet = draining
    anna, bert = phones(2)
    old = [fleet.call_on("ast1", anna, NUMBER), fleet.call_on("ast2", bert, NUMBER)]
    all_hear_each_other(old)

    fleet.do("drain", "ast1")
    fleet.turned("ast1", "draining")
    fleet.avoids("ast1", bert)
    assert {fleet.node_of(bert.call("9999").hang_up()) for _ in range(6)} == {"ast2"}
    all_hear_each_other(old)

    fleet.do("undrain", "ast1")
    fleet.turned("ast1", "up")
    until(lambda: fleet.node_of(bert.call("9999").hang_up()) == "ast1", 10, "a call on ast1 again")
    all_hear_each_other(old)


def test_requests_that_need_a_node_avoid_a_draining_one(draining: Fleet) -> None:
    fleet = draining
    fleet.do("drain", "ast1")
    fleet.turned("ast1", "draining")
    for _ in range(4):
        answer = fleet.ari("POST", "channels", params={"endpoint": "Local/9999@default", "extension": "9999"})
        assert answer.status_code == 200, answer.text
        assert answer.json()["id"].startswith("ast2-")
        fleet.ari("DELETE", f"channels/{answer.json()['id']}")


def test_a_node_is_drained_and_removed_under_fifty_calls_and_none_is_dropped(fleet: Fleet, phones) -> None:
    """Two people talk across the nodes, one of them on the node that goes; fifty more calls are spread over all."""
    anna, bert = phones(2)
    fleet.add_subscriber(load.USER, load.PASSWORD)
    fleet.scale(3)
    talk = [fleet.call_on("ast3", anna, NUMBER), fleet.call_on("ast1", bert, NUMBER)]
    all_hear_each_other(talk)
    before = talk[0].heard().seconds

    with ThreadPoolExecutor(2) as others:
        crowd = others.submit(load.offer, fleet.sip_port, "9999", CALLS / 4, 4, hold=HOLD)
        until(lambda: calls_on(fleet) == CALLS + 2, 10, lambda: f"{CALLS} calls; there are {fleet.nodes()}")
        on_leaving = calls_on(fleet, "ast3")
        assert on_leaving >= CALLS // 4, "the node that goes has its share"
        begun = time.monotonic()
        removal = others.submit(fleet.run, "scale", "2", "--timeout", "120", timeout=150)
        fleet.turned("ast3", "draining")
        fleet.avoids("ast3", bert)
        newcomers = [bert.call("9999") for _ in range(2)]
        assert {fleet.node_of(call) for call in newcomers} <= {"ast1", "ast2"}
        for call in newcomers:
            call.hang_up()
        until(lambda: calls_on(fleet, "ast3") == on_leaving, 5, "the last calls before the edge knew to go")
        throughout(lambda: calls_on(fleet, "ast3") == on_leaving and talk[0].is_up, 3, "the calls on the draining node")
        outcome = crowd.result()
        assert (outcome.calls, outcome.failed) == (CALLS, 0), outcome

        assert fleet.node("ast3").state == "draining", "it waits for its last call"
        all_hear_each_other(talk)
        assert talk[0].heard().between(before, talk[0].heard().seconds - 0.5).hears(bert.hertz, share=AUDIBLE_SHARE)
        talk[0].hang_up()
        last_call_over = time.monotonic()
        fleet.settled(2, timeout=30)
        note(
            "node", "drained", calls=CALLS + 2, lost=outcome.failed, drained=round(last_call_over - begun, 1),
            removed=round(time.monotonic() - last_call_over, 1),
        )
        assert removal.result().returncode == 0


def calls_on(fleet: Fleet, *names: str) -> int:
    """How many calls there are on these nodes, or on all."""
    return sum(node.calls for node in fleet.nodes().values() if not names or node.name in names)
