"""What was done in a soak and what of it failed, and which failures the faults of the same time excuse."""

import time
from collections import Counter
from dataclasses import dataclass, field

SHADOW = 20.0
"""Seconds after a part was replaced during which a call may still fail because of it."""

PLAIN = "9999"
"""The number that needs no application: only the edge and an Asterisk can lose a call to it."""


@dataclass
class Fault:
    """One part that was killed."""

    part: str
    begun: float = field(default_factory=time.monotonic)
    over: float | None = None
    """When another process had taken its place."""

    def excuses(self, loss: "Loss") -> bool:
        in_time = loss.ended >= self.begun and (self.over is None or loss.begun <= self.over + SHADOW)
        return in_time and (loss.number != PLAIN or self.part == "kamailio" or self.part.startswith("ast"))


@dataclass(frozen=True)
class Loss:
    """One call, or one thing an application did, that failed."""

    number: str
    begun: float
    ended: float
    reason: str


class Tally:
    """Counts for all actors of a soak; they run in threads of their own, and only append."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.done: list[str] = []
        """A word for each deed that succeeded."""
        self.losses: list[Loss] = []
        self.faults: list[Fault] = []
        self.scalings: list[int] = []
        self.crashes: list[str] = []
        """Phones of the test that ended by themselves."""

    def lost(self, number: str, begun: float, reason: object) -> None:
        self.losses.append(Loss(number, begun, time.monotonic(), str(reason)))

    def unexcused(self) -> list[str]:
        """Failures that no fault explains."""
        return [
            f"{loss.begun - self.begun:.0f} s: {loss.number}: {loss.reason}"
            for loss in list(self.losses) if not any(fault.excuses(loss) for fault in self.faults)
        ]

    def story(self) -> str:
        """Faults and losses, line by line in order of time."""
        told = [(fault.begun, f"{fault.part} killed") for fault in self.faults]
        told += [
            (loss.ended, f"{loss.number}, begun {loss.begun - self.begun:.1f} s, lost: {loss.reason}")
            for loss in self.losses
        ]
        return "\n".join(f"  {moment - self.begun:6.1f} s  {text}" for moment, text in sorted(told))

    def __str__(self) -> str:
        done = ", ".join(f"{count} {word}" for word, count in sorted(Counter(self.done).items()))
        killed = Counter(fault.part for fault in self.faults)
        faults = ", ".join(f"{part} {count}" for part, count in sorted(killed.items())) or "none"
        return f"{done}; {len(self.losses)} lost; killed: {faults}; scaled {len(self.scalings)} times" + (
            f"; {len(self.crashes)} phones crashed" if self.crashes else ""
        )
