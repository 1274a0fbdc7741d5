"""Kills parts of the fleet, and changes its size, as the dice fall."""

import signal
import time

from cluster_processes import replaced, strike
from fleet import Fleet
from soak.actor import Actor
from soak.tally import Fault, Tally
from wait import until

SIZES = (2, 3)

REPLACED = 30.0

ENGINES = ("kamailio", "ast2")
CLUSTER_ENGINES = ("consul", "rabbitmq", "nginx")

TWINS = ("gateway-2", "node-2")
"""Roles whose twin is left alone, and shows for the whole time whether its memory stays flat."""

SINGLE_ROLES = ("edge", "front", "app-tts", "app-conference")
"""Killed during the first half only, so that those which live then are watched for the other half."""


class Breaker(Actor):
    def __init__(self, fleet: Fleet, tally: Tally, seed: str) -> None:
        super().__init__("breaker", f"{seed} breaker")
        self._fleet = fleet
        self._tally = tally
        self.size = 2
        """How many nodes there shall be."""
        self.spares_single_roles = False

    def act(self) -> None:
        if self.rest(3.0, 10.0):
            return
        if self.random.random() < 0.25:
            self._scale()
        else:
            self._kill()

    def scale(self, size: int) -> None:
        """Asks for this many nodes, as often as it takes for somebody to hear it, and does not wait for them."""
        until(
            lambda: self._fleet.run("scale", str(size), "--timeout", "0").returncode == 0, 30, f"scale to {size}",
            interval=0.3,
        )
        self.size = size

    def _scale(self) -> None:
        self.scale(self.random.choice([size for size in SIZES if size != self.size]))
        self._tally.scalings.append(self.size)

    def _kill(self) -> None:
        fault = Fault(self.random.choice(self._victims()))
        self._tally.faults.append(fault)
        former = strike(self._fleet, fault.part, signal.SIGKILL)
        replaced(self._fleet, fault.part, former, REPLACED)
        fault.over = time.monotonic()

    def _victims(self) -> tuple[str, ...]:
        if not self._fleet.cluster:
            return ENGINES
        return ENGINES + CLUSTER_ENGINES + TWINS + (() if self.spares_single_roles else SINGLE_ROLES)
