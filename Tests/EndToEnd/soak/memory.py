"""Whether the memory of the fleet's own processes stays flat."""

import statistics
import threading
import time
from dataclasses import dataclass

from cluster_processes import pids
from fleet import Fleet
from processes import resident_bytes
from soak.breaker import CLUSTER_ENGINES, ENGINES

INTERVAL = 1.0
"""Seconds between two looks."""

MEBIBYTE = 1 << 20

ALLOWED = 8.0
"""MiB by which a process may grow after its warm-up, whatever its size."""

ALLOWED_SHARE = 0.1
"""Of its size by which it may grow where that is more."""


@dataclass(frozen=True)
class Growth:
    """The memory of one process at the beginning and at the end of the time in which it was warm, in MiB."""

    name: str
    seconds: float
    first: float
    last: float

    @property
    def is_flat(self) -> bool:
        return self.last - self.first <= max(ALLOWED, ALLOWED_SHARE * self.first)

    def __str__(self) -> str:
        return f"{self.name} {self.first:.0f} -> {self.last:.0f} MiB in {self.seconds:.0f} s"


class MemoryWatch:
    """Looks at every role's process again and again; a context manager."""

    def __init__(self, fleet: Fleet, warm_up: float) -> None:
        """`warm_up` seconds of a process's life do not count: pools fill, and code is paged in."""
        self._fleet = fleet
        self._warm_up = warm_up
        self._seen: dict[tuple[str, int], list[tuple[float, float]]] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)

    def __enter__(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._is_over.set()
        self._thread.join(10)

    def growths(self) -> list[Growth]:
        """Of each role the process that was watched longest, if it was long enough to tell."""
        longest: dict[str, Growth] = {}
        for (name, _), seen in list(self._seen.items()):
            growth = _growth(name, [look for look in seen if look[0] >= seen[0][0] + self._warm_up], self._warm_up)
            if growth and (name not in longest or longest[name].seconds < growth.seconds):
                longest[name] = growth
        return sorted(longest.values(), key=lambda growth: growth.name)

    def _run(self) -> None:
        while not self._is_over.wait(INTERVAL):
            roles = {name: pid for name, pid in pids(self._fleet).items() if not _is_engine(name)}
            for name, pid in {**roles, "up": self._fleet.process.pid}.items():
                if size := resident_bytes(pid):
                    self._seen.setdefault((name, pid), []).append((time.monotonic(), size / MEBIBYTE))


def _growth(name: str, warm: list[tuple[float, float]], shortest: float) -> Growth | None:
    if len(warm) < 8 or warm[-1][0] - warm[0][0] < shortest:
        return None
    quarter = len(warm) // 4
    sizes = [size for _, size in warm]
    return Growth(
        name, warm[-1][0] - warm[0][0], statistics.median(sizes[:quarter]), statistics.median(sizes[-quarter:])
    )


def _is_engine(name: str) -> bool:
    return name in ENGINES + CLUSTER_ENGINES or name.startswith("ast")
