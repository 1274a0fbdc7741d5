"""Phones that call one number after the other in the background, and what came of it."""

import threading
import time
from dataclasses import dataclass

from phone import Phone
from wait import until

PATIENCE = 20.0
"""Seconds that a caller waits for an answer before he gives up: a call that is only late is not lost."""

HOLD = 0.4
"""Seconds that an answered call is held."""


@dataclass(frozen=True)
class Attempt:
    """One call: when it was dialled, how long the answer took (none if it was not answered), whether it was cut."""

    number: str
    dialled_at: float
    setup: float | None
    code: int
    is_dropped: bool

    @property
    def is_good(self) -> bool:
        return self.setup is not None and not self.is_dropped


class Caller:
    """One phone in a loop; a context manager."""

    def __init__(self, phone: Phone, numbers: tuple[str, ...] = ("9999", "8001"), pause: float = 0.1) -> None:
        self.phone = phone
        self.numbers = numbers
        self.pause = pause
        self.attempts: list[Attempt] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"caller {phone.user}", daemon=True)

    def __enter__(self) -> "Caller":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join(2 * PATIENCE)

    def since(self, moment: float) -> list[Attempt]:
        return [attempt for attempt in list(self.attempts) if attempt.dialled_at >= moment]

    def finish_those_before(self, moment: float) -> None:
        """Waits until the call that was under way at a moment has come to its end, and so all before it."""
        until(lambda: self.since(moment), 2 * PATIENCE, f"the calls of {self.phone.user} to end")

    def _work(self) -> None:
        while not self._over.is_set():
            for number in self.numbers:
                self.attempts.append(attempt(self.phone, number))
                if self._over.wait(self.pause):
                    return


def attempt(phone: Phone, number: str, patience: float = PATIENCE, hold: float = HOLD) -> Attempt:
    """One call from dialling to hanging up."""
    dialled = time.monotonic()
    call = phone.dial(number)
    try:
        call.answered(patience)
    except (AssertionError, TimeoutError):
        code = call.code
        call.drop()
        return Attempt(number, dialled, None, code, False)
    time.sleep(hold)
    dropped = call.ended_at is not None
    code = call.code
    call.drop()
    return Attempt(number, dialled, call.answered_at - dialled, code, dropped)
