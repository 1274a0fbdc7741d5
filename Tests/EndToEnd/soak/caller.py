"""A phone whose owner calls, confers, gives up and hangs up as the dice fall."""

import time
from collections.abc import Callable

from fleet import Fleet
from phone import Phone, PhoneDied
from soak.actor import Actor
from soak.tally import PLAIN, Tally

DEEDS = {
    "greetings": (PLAIN, 0.5, 3.0), "announcements": ("8001", 1.0, 5.0), "conferences": ("7001", 2.0, 10.0),
    "visits": ("8055", 0.5, 4.0),
}
"""A word for the tally, the number, and the shortest and longest stay in seconds."""


CRASHES = 3
"""How many phones may end by themselves in one soak: pjsua2 does about once an hour; that says nothing of the fleet."""


class Caller(Actor):
    def __init__(self, phone: Phone, another: Callable[[], Phone], fleet: Fleet, tally: Tally, seed: str) -> None:
        """`another` makes a phone in place of one whose process has ended by itself."""
        super().__init__(phone.user, f"{seed} {phone.user}")
        self._phone = phone
        self._another = another
        self._fleet = fleet
        self._tally = tally

    def act(self) -> None:
        try:
            self._try(self.random.choice([*DEEDS, "abandonments"]))
        except PhoneDied as death:
            self._replace(death)
        self.rest(0.1, 1.0)

    def _try(self, word: str) -> None:
        begun = time.monotonic()
        try:
            if word == "abandonments":
                self._abandon()
            else:
                self._call(*DEEDS[word])
            self._tally.done.append(word)
        except (AssertionError, TimeoutError) as failure:
            # A phone that has died says so here.
            self._drop_all()
            number = PLAIN if word in ("greetings", "abandonments") else DEEDS[word][0]
            self._tally.lost(number, begun, failure)

    def _call(self, number: str, shortest: float, longest: float) -> None:
        call = self._phone.call(number)
        self.rest(shortest, longest)
        call.hang_up()

    def _replace(self, death: PhoneDied) -> None:
        """Goes on with another phone, and ends the calls to which the dead one cannot say goodbye."""
        self._tally.crashes.append(str(death))
        if len(self._tally.crashes) > CRASHES:
            raise death
        for channel in self._fleet.ari("GET", "channels").json():
            if channel["caller"]["number"] == self._phone.user:
                self._fleet.ari("DELETE", f"channels/{channel['id']}")
        self._phone = self._another()

    def _abandon(self) -> None:
        """Hangs up before, or just when, somebody answers."""
        call = self._phone.dial(self.random.choice([number for number, *_ in DEEDS.values()]))
        self.rest(0.0, 0.2)
        call.hang_up()

    def _drop_all(self) -> None:
        for call in self._phone.calls:
            call.drop()
