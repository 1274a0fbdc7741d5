"""The soak's own application on the gateway: it answers whoever comes, and hangs up on some."""

import time

import requests

from ari_application import Application
from fleet import Fleet
from soak.actor import Actor
from wait import until

NAME = "soak"


def open_application(fleet: Fleet) -> Application:
    """On a gateway itself: nginx, and the other gateway, are killed, and a client that was cut off may miss events."""
    return Application(fleet, NAME, at=f"{fleet.gateway_url}/ari")


def ask(fleet: Fleet, method: str, path: str, **options) -> requests.Response:
    return fleet.ari(method, path, at=f"{fleet.gateway_url}/ari", **options)


def end(fleet: Fleet, kind: str, resource: str) -> None:
    """Ends a channel or a bridge if it is there, however often that takes."""
    until(
        lambda: ask(fleet, "DELETE", f"{kind}/{resource}").status_code in (204, 404), 30, f"{kind}/{resource} to end",
        interval=0.3,
    )


class Attendant(Actor):
    def __init__(self, fleet: Fleet, application: Application, seed: str) -> None:
        super().__init__("attendant", f"{seed} attendant")
        self._fleet = fleet
        self._application = application
        self._read = 0
        self._to_end: list[tuple[float, str]] = []
        """When to hang up on which channel."""

    def act(self) -> None:
        for event in self._application.events[self._read:]:
            self._read += 1
            if event["type"] == "StasisStart" and event["channel"]["name"].startswith("PJSIP/"):
                self._receive(event["channel"]["id"])
        due = [channel for moment, channel in self._to_end if moment <= time.monotonic()]
        self._to_end = [(moment, channel) for moment, channel in self._to_end if channel not in due]
        for channel in due:
            end(self._fleet, "channels", channel)
        self.rest(0.02, 0.03)

    def _receive(self, channel: str) -> None:
        try:
            ask(self._fleet, "POST", f"channels/{channel}/answer")
        except requests.RequestException:
            pass  # its node hangs or is gone; the caller will give up
        if self.random.random() < 0.3:
            self._to_end.append((time.monotonic() + self.random.uniform(0.5, 3), channel))
