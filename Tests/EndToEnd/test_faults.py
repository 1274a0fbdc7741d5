"""One part of a cluster is killed, or hangs, while calls come and a conference spans the nodes."""

import signal
import time

import pytest

from callers import Callers
from cluster_processes import replaced, strike
from fleet import Fleet
from phone import Call, Phone
from reliability import AUDIBLE_SHARE, note, works
from room import all_hear_each_other
from wait import until

REPLACED = 30.0
"""Seconds within which a process that was killed, or hangs, is replaced; a hung Asterisk has 15 of them for itself."""

RECOVERED = 30.0
"""Seconds within which all nodes are up and an application answers; RabbitMQ boots for eight of them."""

SPARED = ["gateway-1", "gateway-2", "edge", "front", "node-1", "node-2", "consul", "rabbitmq", "nginx", "app-tts"]
"""Parts whose loss costs no call: neither one that is up, nor one that is set up meanwhile."""

FAULTS = [signal.SIGKILL, signal.SIGSTOP]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("part", [*SPARED, "kamailio"])
def test_a_lost_part_is_replaced_and_costs_no_more_than_it_must(
    shared_fleet: Fleet, conference: tuple[Call, Call], caller: Phone, part: str, fault: signal.Signals
) -> None:
    fleet, (anna, bert) = shared_fleet, conference
    before = anna.heard().seconds
    with Callers(caller) as callers:
        begun = time.monotonic()
        former = strike(fleet, part, fault)
        replaced(fleet, part, former, REPLACED)
    replaced_after = time.monotonic() - begun
    until(lambda: works(fleet, caller), RECOVERED, f"calls to 8001 after {part} was lost", interval=0.3, strict=True)
    recovered_after = time.monotonic() - begun

    assert anna.is_up and bert.is_up, "calls that are up go on"
    until(lambda: anna.heard().seconds > before + 5, 10, "five seconds of the conference")
    assert anna.heard().between(before, anna.heard().seconds - 0.5).hears(bert.phone.hertz, share=AUDIBLE_SHARE)
    all_hear_each_other([anna, bert])
    note(
        part, fault.name, replaced=round(replaced_after, 1), recovered=round(recovered_after, 1), calls=callers.made,
        lost=len(callers.failures),
    )
    if part in SPARED:
        assert callers.failures == [], f"of {callers.made} calls"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_lost_asterisk_costs_its_own_calls_only(
    shared_fleet: Fleet, conference: tuple[Call, Call], caller: Phone, fault: signal.Signals
) -> None:
    """The last test here: the conference loses one of its two callers."""
    fleet, (anna, bert) = shared_fleet, conference
    begun = time.monotonic()
    former = strike(fleet, "ast2", fault)
    replaced(fleet, "ast2", former, REPLACED)
    until(lambda: works(fleet, caller), RECOVERED, "calls to 8001 after ast2 was lost", interval=0.3, strict=True)
    note("asterisk", fault.name, recovered=round(time.monotonic() - begun, 1))
    assert anna.is_up
    bert.drop()
    until(lambda: anna.is_free_of(bert.phone.hertz), 10, "the lost caller's silence")


def test_nothing_is_left_when_all_have_hung_up(shared_fleet: Fleet, conference: tuple[Call, Call]) -> None:
    for call in conference:
        call.drop()
    shared_fleet.empty(30)
