"""Waiting for a fact, with a deadline: the only way in which these tests let time pass."""

import time
from collections.abc import Callable
from typing import TypeVar

Fact = TypeVar("Fact")


def until(
    condition: Callable[[], Fact], timeout: float, what: str | Callable[[], str], interval: float = 0.05
) -> Fact:
    """Asks `condition` again and again until it answers something true, and returns that.

    An exception in `condition` counts as "not yet"; after `timeout` seconds it is what the failure names as its cause.
    `what` says what was waited for; a function says it as things are when the time is up.
    """
    deadline = time.monotonic() + timeout
    while True:
        answer, trouble = None, None
        try:
            answer = condition()
        except Exception as error:
            trouble = error
        if answer:
            return answer
        if time.monotonic() >= deadline:
            seen = f"it raised {trouble!r}" if trouble else f"the last answer was {answer!r}"
            awaited = what() if callable(what) else what
            raise TimeoutError(f"{awaited}: not within {timeout:g} s; {seen}") from trouble
        time.sleep(interval)


def throughout(
    condition: Callable[[], object], duration: float, what: str | Callable[[], str], interval: float = 0.1
) -> None:
    """Asks `condition` for `duration` seconds and fails at the first answer that is not true."""
    deadline = time.monotonic() + duration
    while time.monotonic() < deadline:
        answer = condition()
        if not answer:
            awaited = what() if callable(what) else what
            raise AssertionError(f"{awaited}: no longer so; the answer was {answer!r}")
        time.sleep(interval)
