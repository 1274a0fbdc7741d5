"""One who does something at random, again and again, in a thread of its own."""

import random
import threading


class Actor:
    """A context manager: acts while the block lasts, and has cleaned up when it is left."""

    PATIENCE = 90.0
    """Seconds within which a deed that was begun must come to its end."""

    def __init__(self, name: str, seed: str) -> None:
        """The same seed makes the same choices; when they fall depends on the machine."""
        self.name = name
        self.random = random.Random(seed)
        self.failure: Exception | None = None
        """What ended it before its time."""
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def act(self) -> None:
        """One deed, done and over when this returns."""
        raise NotImplementedError

    def rest(self, shortest: float, longest: float) -> bool:
        """Waits for a random time, or until all is over; tells whether it is."""
        return self._is_over.wait(self.random.uniform(shortest, longest))

    def stop(self) -> None:
        """Tells it to begin nothing more."""
        self._is_over.set()

    @property
    def is_over(self) -> bool:
        return self._is_over.is_set()

    def __enter__(self) -> "Actor":
        self._is_over.clear()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()
        self._thread.join(self.PATIENCE)
        assert not self._thread.is_alive(), f"{self.name} does not come to an end"

    def _run(self) -> None:
        try:
            while not self.is_over:
                self.act()
        except Exception as failure:
            self.failure = failure
