"""A phone whose owner calls, confers, gives up and hangs up as the dice fall."""

import time

from phone import Phone
from soak.actor import Actor
from soak.tally import PLAIN, Tally

DEEDS = {
    "greetings": (PLAIN, 0.5, 3.0), "announcements": ("8001", 1.0, 5.0), "conferences": ("7001", 2.0, 10.0),
    "visits": ("8055", 0.5, 4.0),
}
"""A word for the tally, the number, and the shortest and longest stay in seconds."""


class Caller(Actor):
    def __init__(self, phone: Phone, tally: Tally, seed: str) -> None:
        super().__init__(phone.user, f"{seed} {phone.user}")
        self._phone = phone
        self._tally = tally

    def act(self) -> None:
        word = self.random.choice([*DEEDS, "abandonments"])
        begun = time.monotonic()
        try:
            if word == "abandonments":
                self._abandon()
            else:
                self._call(*DEEDS[word])
            self._tally.done.append(word)
        except (AssertionError, TimeoutError) as failure:
            number = PLAIN if word in ("greetings", "abandonments") else DEEDS[word][0]
            self._tally.lost(number, begun, failure)
            self._drop_all()
        self.rest(0.1, 1.0)

    def _call(self, number: str, shortest: float, longest: float) -> None:
        call = self._phone.call(number)
        self.rest(shortest, longest)
        call.hang_up()

    def _abandon(self) -> None:
        """Hangs up before, or just when, somebody answers."""
        call = self._phone.dial(self.random.choice([number for number, *_ in DEEDS.values()]))
        self.rest(0.0, 0.2)
        call.hang_up()

    def _drop_all(self) -> None:
        for call in self._phone.calls:
            call.drop()
