"""One part of a cluster is killed, or hangs, while calls come and a conference spans the nodes."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster_processes import replaced, strike
from fleet import Fleet
from phone import Call, Phone
from room import NUMBER, all_hear_each_other, settled_with_legs
from wait import until

REPLACED = 30.0
"""Seconds within which a process that was killed, or hangs, is replaced; a hung Asterisk has 15 of them for itself."""

RECOVERED = 30.0
"""Seconds within which all nodes are up and an application answers; RabbitMQ boots for eight of them."""

AUDIBLE_SHARE = 0.9
"""Of the time in which one caller hears the other: two cores that start a broker while ten phones talk drop packets."""

SPARED = ["gateway-1", "gateway-2", "edge", "front", "node-1", "node-2", "consul", "rabbitmq", "nginx", "app-tts"]
"""Parts whose loss costs no call: neither one that is up, nor one that is set up meanwhile."""

FAULTS = [signal.SIGKILL, signal.SIGSTOP]


class Callers:
    """A phone that calls 9999 again and again, from a thread of its own."""

    def __init__(self, phone: Phone) -> None:
        self.made = 0
        self.failures: list[str] = []
        self._phone = phone
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="callers", daemon=True)

    def __enter__(self) -> "Callers":
        self._thread.start()
        until(lambda: self.made > 0, 10, "the first call of the load")
        return self

    def __exit__(self, *_) -> None:
        self._is_over.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._is_over.is_set():
            try:
                self._phone.call("9999")
                self._phone.hang_up()
            except (AssertionError, TimeoutError) as failure:
                self.failures.append(f"{time.strftime('%H:%M:%S')} {failure}")
            self.made += 1
            self._is_over.wait(0.2)


@pytest.fixture(scope="module")
def conference(shared_fleet: Fleet, tmp_path_factory) -> Iterator[tuple[Call, Call]]:
    """Two callers on two nodes, in one room for as long as this module lasts."""
    shared_fleet.settled(2)
    folder = tmp_path_factory.mktemp("conference")
    phones = [_phone(shared_fleet, user, hertz, folder) for user, hertz in (("anna", 400.0), ("bert", 985.0))]
    calls = (shared_fleet.call_on("ast1", phones[0], NUMBER), shared_fleet.call_on("ast2", phones[1], NUMBER))
    all_hear_each_other(list(calls))
    settled_with_legs(shared_fleet, ["ast2"])
    yield calls
    for phone in phones:
        phone.close()


@pytest.fixture
def caller(shared_fleet: Fleet, tmp_path: Path) -> Iterator[Phone]:
    phone = _phone(shared_fleet, "carl", 730.0, tmp_path)
    yield phone
    phone.close()


def _phone(fleet: Fleet, user: str, hertz: float, folder: Path) -> Phone:
    # The test before may have taken Consul away.
    until(lambda: fleet.add_subscriber(user, "secret") or True, 10, f"the account of {user}", interval=0.3)
    return Phone(user, "secret", fleet.sip_port, hertz=hertz, folder=folder).register()


def _works(fleet: Fleet, phone: Phone) -> bool:
    phone.register()
    phone.call("8001")
    phone.hang_up()
    return [node.state for node in fleet.nodes().values()] == ["up", "up"]


def _note(what: str, fault: signal.Signals, **figures) -> None:
    """Adds a line to the file that ASTERISM_RELIABILITY names."""
    if name := os.environ.get("ASTERISM_RELIABILITY"):
        with open(name, "a") as file:
            file.write(json.dumps({"part": what, "fault": fault.name, **figures}) + "\n")


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
    until(lambda: _works(fleet, caller), RECOVERED, f"calls to 8001 after {part} was lost", interval=0.3)
    recovered_after = time.monotonic() - begun

    assert anna.is_up and bert.is_up, "calls that are up go on"
    until(lambda: anna.heard().seconds > before + 5, 10, "five seconds of the conference")
    assert anna.heard().between(before, anna.heard().seconds - 0.5).hears(bert.phone.hertz, share=AUDIBLE_SHARE)
    all_hear_each_other([anna, bert])
    _note(
        part, fault, replaced=round(replaced_after, 1), recovered=round(recovered_after, 1), calls=callers.made,
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
    until(lambda: _works(fleet, caller), RECOVERED, "calls to 8001 after ast2 was lost", interval=0.3)
    _note("asterisk", fault, recovered=round(time.monotonic() - begun, 1))
    assert anna.is_up
    bert.drop()
    until(lambda: anna.is_free_of(bert.phone.hertz), 10, "the lost caller's silence")


def test_nothing_is_left_when_all_have_hung_up(shared_fleet: Fleet, conference: tuple[Call, Call]) -> None:
    for call in conference:
        call.drop()
    shared_fleet.empty(30)
