"""Events that can be counted: channels that are made in an application, count, and end, and what of that it heard."""

import threading
import time
from dataclasses import dataclass

from ari_application import Application, Event
from fleet import Fleet, Node
from wait import until

VARIABLE = "COUNT"

PACE = 0.4
"""Seconds between two channels of a node: each is the cause of some hundred events."""


@dataclass(frozen=True)
class Deed:
    """One thing done on a node, for which the application is owed one event."""

    kind: str
    channel: str
    value: str = ""


class Counting:
    """Makes channels on every node at once, each of which counts to `highest`; a context manager."""

    def __init__(self, fleet: Fleet, application: Application, highest: int = 10) -> None:
        self._fleet = fleet
        self._application = application
        self._highest = highest
        self._nodes = list(fleet.nodes().values())
        self._is_over = threading.Event()
        self.done: dict[str, list[Deed]] = {node.id: [] for node in self._nodes}
        """Node id to what was done there, in this order."""
        self.failures: list[str] = []
        self._threads = [threading.Thread(target=self._run, args=(node,), daemon=True) for node in self._nodes]

    def __enter__(self) -> "Counting":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(30)

    def heard(self) -> dict[str, list[Deed]]:
        """Node id to what the application has heard of it, in this order."""
        found: dict[str, list[Deed]] = {node.id: [] for node in self._nodes}
        for event in list(self._application.events):
            if deed := _deed(event):
                found[event["asterisk_id"]].append(deed)
        return found

    def difference(self) -> str:
        """Where what was heard first departs from what was done."""
        if self._application.end:
            return f"the application's socket has ended: {self._application.end}"
        heard = self.heard()
        for node, done in self.done.items():
            for index, deed in enumerate(done):
                if heard[node][index:index + 1] != [deed]:
                    return f"{node}: {deed} was done, then was heard {heard[node][index:index + 3]}"
            if heard[node][len(done):]:
                return f"{node}: heard besides {heard[node][len(done):][:3]}"
        return "none"

    def _run(self, node: Node) -> None:
        number = 0
        while not self._is_over.wait(PACE):
            number += 1
            try:
                self._count(node, f"counted-{node.name}-{number}")
            except Exception as failure:  # whatever it is, the test tells it
                self.failures.append(f"{time.strftime('%H:%M:%S')} {node.name}: {failure!r}")
                return

    def _count(self, node: Node, channel: str) -> None:
        done = self.done[node.id]
        self._ask(
            "POST", "channels", headers={"X-Asterisk-ID": node.id},
            params={"endpoint": "Local/9999@default", "app": self._application.names[0], "channelId": channel},
        )
        # Not by its event: that is on its way.
        until(
            lambda: self._fleet.ari("GET", f"channels/{channel}").json()["dialplan"].get("app_name") == "Stasis",
            5, f"{channel} to enter the application",
        )
        done.append(Deed("StasisStart", channel))
        for value in range(1, self._highest + 1):
            self._ask("POST", f"channels/{channel}/variable", params={"variable": VARIABLE, "value": str(value)})
            done.append(Deed("ChannelVarset", channel, str(value)))
        self._ask("DELETE", f"channels/{channel}")
        done.append(Deed("StasisEnd", channel))

    def _ask(self, method: str, path: str, **options) -> None:
        answer = self._fleet.ari(method, path, **options)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"


def _deed(event: Event) -> Deed | None:
    channel = event.get("channel", {}).get("id", "")
    if not channel.startswith("counted-") or channel.endswith(";2"):
        return None  # the other end of a Local channel counts nothing
    match event["type"]:
        case "StasisStart" | "StasisEnd":
            return Deed(event["type"], channel)
        case "ChannelVarset" if event["variable"] == VARIABLE:
            return Deed(event["type"], channel, event["value"])
    return None
