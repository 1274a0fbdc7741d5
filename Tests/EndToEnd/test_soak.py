"""Random calls, conferences, kills and changes of size for a while; whenever it comes to rest, nothing may be left.

ASTERISM_SOAK_MINUTES is how long, ASTERISM_SOAK_SEED repeats the choices of a former run.
"""

import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from ari_application import Application
from fleet import CLUSTER, Fleet
from reliability import note
from soak.actor import Actor
from soak.attendant import NAME, Attendant, open_application
from soak.breaker import Breaker
from soak.caller import Caller
from soak.invariants import check
from soak.matchmaker import Matchmaker
from soak.memory import Growth, MemoryWatch
from soak.tally import Tally
from wait import throughout

MINUTES = float(os.environ.get("ASTERISM_SOAK_MINUTES") or (1.5 if CLUSTER else 0.75))

ROUND = min(60.0, 20 * MINUTES)
"""Seconds of deeds between two looks whether anything is left."""

WARM_UP = min(120.0, 15 * MINUTES)

PHONES = 4


@pytest.fixture
def application(fleet: Fleet) -> Iterator[Application]:
    with open_application(fleet) as application:
        fleet.do("routes", "add", "8055", NAME)
        yield application
        fleet.do("routes", "remove", "8055")


def failures(actors: list[Actor]) -> list[str]:
    return [f"{actor.name}: {actor.failure!r}" for actor in actors if actor.failure]


def soak(
    fleet: Fleet, application: Application, actors: list[Actor], breaker: Breaker, tally: Tally
) -> list[Growth]:
    """Lets everybody act, round by round, and looks after each whether anything is left."""
    with MemoryWatch(fleet, WARM_UP) as memory:
        while (passed := time.monotonic() - tally.begun) < MINUTES * 60:
            breaker.spares_single_roles = passed > MINUTES * 30
            with ExitStack() as acting:
                for actor in actors:
                    acting.enter_context(actor)
                throughout(lambda: not failures(actors), ROUND, lambda: f"everybody at work; {failures(actors)}")
                for actor in actors[1:]:
                    actor.stop()
            assert failures(actors) == []
            check(fleet, breaker.size, application.events)
            print(f"soak: {time.monotonic() - tally.begun:.0f} s: {tally}", flush=True)
        breaker.scale(2)
        check(fleet, 2, application.events)
        return memory.growths()


def test_nothing_is_left_and_nothing_grows_however_much_is_done_and_broken(
    fleet: Fleet, phones, application: Application
) -> None:
    seed = os.environ.get("ASTERISM_SOAK_SEED") or str(random.randrange(10**6))
    print(f"soak: {MINUTES:g} minutes, ASTERISM_SOAK_SEED={seed}", flush=True)
    tally = Tally()
    breaker = Breaker(fleet, tally, seed)
    # The attendant is the last to leave, for the others need it to come to their ends.
    actors: list[Actor] = [Attendant(fleet, application, seed)]
    actors += [Caller(phone, lambda: phones(1)[0], fleet, tally, seed) for phone in phones(PHONES)]
    actors += [Matchmaker(fleet, application, tally, seed), breaker]

    try:
        growths = soak(fleet, application, actors, breaker, tally)
    except BaseException:
        print(f"soak: {tally}\n{tally.story()}", flush=True)
        raise

    print(f"soak: memory: {'; '.join(map(str, growths))}", flush=True)
    note("soak", f"seed {seed}", tally=str(tally), memory=[str(growth) for growth in growths])
    assert tally.unexcused() == [], f"of {len(tally.done)} deeds"
    watched = {growth.name for growth in growths}
    assert watched >= ({"up", "gateway-1", "node-1"} if fleet.cluster else {"up"}), "somebody was watched long enough"
    assert [str(growth) for growth in growths if not growth.is_flat] == [], "memory stays flat"
