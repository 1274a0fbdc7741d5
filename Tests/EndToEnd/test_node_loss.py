"""One Asterisk dies; the rest of the fleet carries on, and the dead one comes back."""

import os
import signal
from collections.abc import Iterator

import pytest

from fleet import Fleet
from reliability import AUDIBLE_SHARE
from room import NUMBER, all_hear_each_other, report, settled_with_legs
from wait import until

AT_ONCE = 6.0
"""Seconds that a call may take to be answered when the node that it was first sent to has just died: the edge gives a
node little more than one of them."""

REPAIRED = 10.0
"""Seconds within which callers on different surviving nodes hear each other again."""


@pytest.fixture
def three_nodes(fleet: Fleet) -> Iterator[Fleet]:
    fleet.scale(3)
    yield fleet
    fleet.settled(3)
    fleet.scale(2)


def kill(fleet: Fleet, node: str) -> int:
    """Kills a node's Asterisk, and returns the process id that it had."""
    pid = fleet.node(node).pid
    os.kill(pid, signal.SIGKILL)
    return pid


def test_the_fleet_survives_the_loss_of_a_conference_s_home(three_nodes: Fleet, phones) -> None:
    fleet = three_nodes
    anna, bert, carl, dora, emil = phones(5)
    lost = fleet.call_on("ast1", anna, NUMBER)
    survivors = [
        fleet.call_on("ast2", bert, NUMBER), fleet.call_on("ast2", carl, NUMBER), fleet.call_on("ast3", dora, NUMBER),
    ]
    all_hear_each_other([lost, *survivors])
    settled_with_legs(fleet, ["ast2", "ast3"], home="ast1")
    nicknames = {node.name: node.nickname for node in fleet.nodes().values()}

    before = survivors[0].heard().seconds
    dead = kill(fleet, "ast1")

    for _ in range(4):
        call = emil.call("9999")
        assert call.answered_at - call.dialled_at < AT_ONCE
        call.hang_up()
    all_hear_each_other(survivors, timeout=REPAIRED, strict=True)
    until(lambda: (report(fleet) or {}).get("home") in ("ast2", "ast3"), REPAIRED, "a new home", strict=True)
    until(lambda: survivors[0].heard().seconds > before + 5, 10, "five seconds after the loss")
    around_the_loss = survivors[0].heard().between(before, before + 5)
    assert around_the_loss.hears(carl.hertz, AUDIBLE_SHARE), "callers on one surviving node never lose each other"
    assert all(call.is_up for call in survivors)

    until(lambda: fleet.node("ast1").state == "up" and fleet.node("ast1").pid != dead, 30, "ast1 to come back")
    assert {node.name: node.nickname for node in fleet.nodes().values()} == nicknames, "nicknames stay"
    back = fleet.call_on("ast1", emil, NUMBER)
    all_hear_each_other([back, *survivors])


def test_callers_on_the_surviving_node_do_not_notice_the_death_of_the_home(fleet: Fleet, phones) -> None:
    anna, bert, carl = phones(3)
    lost = fleet.call_on("ast1", anna, NUMBER)
    survivors = [fleet.call_on("ast2", bert, NUMBER), fleet.call_on("ast2", carl, NUMBER)]
    all_hear_each_other([lost, *survivors])

    before = survivors[0].heard().seconds
    kill(fleet, "ast1")
    lost.drop()
    until(lambda: survivors[0].heard().seconds > before + 5, 10, "five more seconds")
    assert survivors[0].heard().between(before, before + 5).hears(carl.hertz, AUDIBLE_SHARE)
    assert until(lambda: survivors[0].is_free_of(anna.hertz), 5, "the lost caller's silence")

    for call in survivors:
        call.hang_up()
    fleet.settled(2, timeout=30)
    fleet.empty()
