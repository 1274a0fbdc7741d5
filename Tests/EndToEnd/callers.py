"""Calls that are made again and again while something else happens."""

import itertools
import threading
import time

from phone import Call, Phone
from wait import until


class Callers:
    """A phone that calls one number after the other, from a thread of its own; a context manager."""

    def __init__(self, phone: Phone, *numbers: str) -> None:
        """The numbers are dialled in turn."""
        self.made = 0
        self.answered: list[tuple[str, Call]] = []
        """The number and the call of each that was answered."""
        self.failures: list[str] = []
        self._phone = phone
        self._numbers = numbers or ("9999",)
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
        for number in itertools.cycle(self._numbers):
            if self._is_over.wait(0.2):
                return
            try:
                self.answered.append((number, self._phone.call(number)))
                self._phone.hang_up()
            except (AssertionError, TimeoutError) as failure:
                self.failures.append(f"{time.strftime('%H:%M:%S')} {number}: {failure}")
            self.made += 1
