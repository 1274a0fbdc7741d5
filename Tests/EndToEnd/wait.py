"""Waiting for a fact, with a deadline: the only way in which these tests let time pass."""

import time
from collections.abc import Callable
from typing import TypeVar

Fact = TypeVar("Fact")

PATIENCE = 15.0
"""Seconds that anything may take of which nobody promised that it takes less: on a busy machine any process stands
still for some of them now and then, and to wait for longer costs nothing where all is well."""


def until(
    condition: Callable[[], Fact], timeout: float, what: str | Callable[[], str], interval: float = 0.05,
    strict: bool = False,
) -> Fact:
    """Asks `condition` again and again until it answers something true, and returns that.

    `timeout` is how many seconds it takes at the most as a rule; PATIENCE is the least that is waited. `strict` waits
    no longer than `timeout`: that is for what was promised, and for what need not come true.
    An exception in `condition` counts as "not yet"; when the time is up it is what the failure names as its cause.
    `what` says what was waited for; a function says it as things are when the time is up.
    """
    limit = timeout if strict else max(timeout, PATIENCE)
    deadline = time.monotonic() + limit
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
            raise TimeoutError(f"{awaited}: not within {limit:g} s; {seen}") from trouble
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
