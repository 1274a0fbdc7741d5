"""RabbitMQ or Consul is away for long, while calls come, things happen, and a conference spans the nodes."""

import time

from ari_application import Application
from callers import Callers
from cluster_processes import held_down
from counting import Counting, Deed
from fleet import Fleet
from phone import Call, Phone
from reliability import AUDIBLE_SHARE, note, works
from room import all_hear_each_other
from wait import until

BROKER_AWAY = 30.0
REGISTRY_AWAY = 60.0

BACK = 40.0
"""Seconds after an outage within which all is as before. What died again and again is started again after ten."""


def goes_on(conference: tuple[Call, Call], since: float) -> None:
    """Checks that the two have heard each other all the time from second `since` of the first one's recording on."""
    anna, bert = conference
    assert anna.is_up and bert.is_up
    assert anna.heard().between(since, anna.heard().seconds - 0.5).hears(bert.phone.hertz, share=AUDIBLE_SHARE)
    all_hear_each_other([anna, bert])


def total(deeds: dict[str, list[Deed]]) -> int:
    return sum(map(len, deeds.values()))


def test_events_of_an_outage_of_rabbitmq_arrive_afterwards_in_order_and_once(
    shared_fleet: Fleet, conference: tuple[Call, Call], caller: Phone
) -> None:
    fleet, before = shared_fleet, conference[0].heard().seconds
    with Application(fleet, "e2e-outage") as application:
        with Callers(caller) as callers, Counting(fleet, application) as counting:
            until(lambda: all(counting.heard().values()), 10, "events of both nodes")
            begun = time.monotonic()
            with held_down(fleet, "rabbitmq"):
                heard = total(counting.heard())
                until(lambda: time.monotonic() > begun + BROKER_AWAY, BROKER_AWAY + 1, "the end of the outage")
                heard_meanwhile = total(counting.heard()) - heard
            let_go = time.monotonic()
            done = total(counting.done)
            until(
                lambda: total(counting.heard()) >= done, BACK,
                lambda: f"{done} events; {total(counting.heard())} came; the difference is {counting.difference()}",
                interval=0.2, strict=True,
            )
            recovered_after = time.monotonic() - let_go
        assert counting.failures == [], "commands are carried out without the bus"
        until(lambda: counting.heard() == counting.done, 10, counting.difference, interval=0.2)
    goes_on(conference, before)
    assert callers.failures == [], f"of {callers.made} calls"
    numbered = total(counting.done)
    assert heard_meanwhile < 100 < numbered, "the broker was away, and much happened"
    note(
        "rabbitmq", "away", seconds=round(let_go - begun, 1), recovered=round(recovered_after, 1), events=numbered,
        events_lost=0, calls=callers.made, lost=len(callers.failures),
    )
    until(lambda: works(fleet, caller), BACK, "calls to 8001", interval=0.3, strict=True)


def test_calls_are_set_up_on_every_node_while_consul_is_away(
    shared_fleet: Fleet, conference: tuple[Call, Call], caller: Phone
) -> None:
    fleet, before = shared_fleet, conference[0].heard().seconds
    until(lambda: works(fleet, caller), BACK, "calls to 8001", interval=0.3, strict=True)
    nodes = fleet.nodes().values()
    begun = time.monotonic()
    # In this order both numbers reach both nodes, also where the edge takes them in turn.
    with held_down(fleet, "consul"), Callers(caller, "9999", "8001", "8001", "9999") as callers:
        until(lambda: time.monotonic() > begun + REGISTRY_AWAY, REGISTRY_AWAY + 1, "the end of the outage")
    let_go = time.monotonic()
    assert callers.failures == [], f"of {callers.made} calls"
    reached = {
        (number, node.name) for number, call in callers.answered for node in nodes
        if call.remote_port in node.media_ports
    }
    assert reached == {(number, node.name) for number in ("9999", "8001") for node in nodes}
    longest = max(call.answered_at - call.dialled_at for _, call in callers.answered)

    # What the registry is needed for: a new account becomes known to the edge.
    until(
        lambda: fleet.add_subscriber("dora", "secret") or True, BACK, "the registry to take a change", interval=0.3,
        strict=True,
    )
    recovered_after = time.monotonic() - let_go
    dora = Phone("dora", "secret", fleet.sip_port)
    try:
        until(
            lambda: dora.try_register()[0] == 200, BACK, "the change to reach the edge", interval=0.3, strict=True
        )
        until(lambda: works(fleet, dora), BACK, "calls to 8001", interval=0.3, strict=True)
    finally:
        dora.close()
    goes_on(conference, before)
    note(
        "consul", "away", seconds=round(let_go - begun, 1), recovered=round(recovered_after, 1), calls=callers.made,
        lost=len(callers.failures), longest_setup=round(longest, 2),
    )


def test_nothing_is_left_of_the_outages(shared_fleet: Fleet, conference: tuple[Call, Call]) -> None:
    for call in conference:
        call.drop()
    shared_fleet.empty(40)
