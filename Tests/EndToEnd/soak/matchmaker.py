"""Makes channels on random nodes, puts them into one bridge, and takes all of it down again."""

import time

import requests

from ari_application import Application
from fleet import Fleet
from soak.actor import Actor
from soak.attendant import NAME, ask, end
from soak.tally import Tally


class Matchmaker(Actor):
    def __init__(self, fleet: Fleet, application: Application, tally: Tally, seed: str) -> None:
        super().__init__("matchmaker", f"{seed} matchmaker")
        self._fleet = fleet
        self._application = application
        self._tally = tally
        self._count = 0

    def act(self) -> None:
        self._count += 1
        bridge = f"soak-bridge-{self._count}"
        channels = [f"soak-{self._count}-{index}" for index in range(self.random.randint(2, 4))]
        begun = time.monotonic()
        try:
            self._match(bridge, channels)
            self._tally.done.append("bridges")
        except (AssertionError, TimeoutError, requests.RequestException) as failure:
            self._tally.lost("bridge", begun, failure)
        finally:
            # In a random order: a bridge may lose its channels, or channels their bridge.
            resources = [("bridges", bridge), *(("channels", channel) for channel in channels)]
            self.random.shuffle(resources)
            for kind, resource in resources:
                end(self._fleet, kind, resource)
        self.rest(0.2, 2.0)

    def _match(self, bridge: str, channels: list[str]) -> None:
        for channel in channels:
            self._ask(
                "POST", "channels", params={"endpoint": "Local/9999@default", "app": NAME, "channelId": channel}
            )
        for channel in channels:
            self._application.started(channel)
        self._ask("POST", f"bridges/{bridge}", params={"type": "mixing"})
        for channel in channels:
            self._ask("POST", f"bridges/{bridge}/addChannel", params={"channel": channel})
        self.rest(0.5, 4.0)

    def _ask(self, method: str, path: str, **options) -> None:
        answer = ask(self._fleet, method, path, **options)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
