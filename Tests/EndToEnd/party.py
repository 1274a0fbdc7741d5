"""Phones as the channels of an ARI application, each on a node of the test's choice, and what they hear."""

from collections.abc import Callable

from ari_application import Application
from fleet import Fleet
from phone import Phone
from sound import Sound
from wait import until

LATEST = 0.4
"""Seconds of sound by which it is judged what a phone hears now."""

MUSIC = -45.0
"""Level, in dB of full scale, of what is louder than the noise of a silent line."""


class Party:
    """Somebody with a phone, whom the application has called from one node."""

    def __init__(self, fleet: Fleet, application: Application, phone: Phone, node: str) -> None:
        made = fleet.ari(
            "POST", "channels", headers={"X-Asterisk-ID": node},
            params={"endpoint": f"PJSIP/{phone.user}@edge", "app": application.names[0]},
        )
        assert made.status_code == 200, made.text
        self.phone = phone
        self.node = node
        self.channel: str = made.json()["id"]
        self.call = phone.expect_call().pick_up()
        application.started(self.channel)
        assert fleet.node_of(self.call) == node

    def __repr__(self) -> str:
        return f"{self.phone.user} on {self.node}"

    @property
    def hertz(self) -> float:
        """The tone that this party sends."""
        return self.phone.hertz

    def now(self) -> float:
        """The position in what was heard, in seconds."""
        return self.call.heard().seconds

    def since(self, start: float) -> Sound:
        """What was heard from a position on."""
        heard = self.call.heard()
        return heard.between(start, heard.seconds)

    def hears(self, hertz: float, timeout: float = 5) -> None:
        """Waits until a tone is heard steadily."""
        self._until(lambda heard: heard.hears(hertz), timeout, f"hearing {hertz:g} Hz")

    def hears_no(self, hertz: float, timeout: float = 5) -> None:
        """Waits until a tone is heard no more; clicks, which hold every tone, may be."""
        self._until(lambda heard: heard.share_with(hertz) < 0.2, timeout, f"free of {hertz:g} Hz")

    def hears_music(self, timeout: float = 5) -> None:
        """Waits until something is heard."""
        self._until(lambda heard: heard.loudness() > MUSIC, timeout, "hearing music")

    def hears_nothing(self, timeout: float = 5) -> None:
        """Waits until nothing is heard."""
        self._until(lambda heard: heard.loudness() < MUSIC, timeout, "in silence")

    def _until(self, condition: Callable[[Sound], bool], timeout: float, what: str) -> None:
        """Waits until a condition holds for the latest sound, all of which has come after this was asked."""
        start = self.now()

        def holds() -> bool:
            heard = self.since(max(start, self.now() - LATEST))
            return heard.seconds > 0.9 * LATEST and condition(heard)

        until(holds, timeout, f"{self!r} {what}", interval=0.1)


def hear_each_other(one: Party, other: Party) -> None:
    """Waits until both hear the other, and checks that neither hears himself."""
    one.hears(other.hertz)
    other.hears(one.hertz)
    for party in (one, other):
        assert party.call.is_free_of(party.hertz, LATEST), f"{party!r} hears himself"
