"""One ARI, of a lone Asterisk or of a fleet, and what it says and does when it is asked."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
import websocket

from wait import until

APPLICATION = "diff"

UNTOLD = {"BRIDGEPEER", "BRIDGEPVTCALLID"}
"""What a node sets to what is with a channel in its part of a bridge; see docs/ari-compatibility.md."""


@dataclass(frozen=True)
class Answer:
    """What one request was answered, as far as it can be the same on two systems."""

    status: int
    kind: str
    shape: Any

    def __str__(self) -> str:
        return f"{self.status} {self.kind} {json.dumps(self.shape, sort_keys=True)[:600]}"


class World:
    """An ARI with the application `diff` open and two channels in it."""

    def __init__(
        self, url: str, user: str, password: str, gateways: list[str], places: tuple[str | None, str | None]
    ) -> None:
        """`gateways`: all that answer at `url`; `places`: the nodes for the two channels, where there is a choice."""
        self.url = url
        self.gateways = gateways
        self.session = requests.Session()
        self.session.auth = (user, password)
        self.events: list[dict] = []
        self.taken = 0
        address = url.replace("http", "ws", 1) + f"/events?app={APPLICATION}&api_key={user}:{password}"
        self.socket = websocket.create_connection(address, timeout=5)
        self.socket.settimeout(0.01)
        for name, place in zip(("one", "two"), places, strict=True):
            self.originate(name, place)

    def originate(self, name: str, place: str | None) -> None:
        made = self.session.post(
            f"{self.url}/channels",
            # Both halves are in the application: nothing else makes events.
            params={"endpoint": f"Local/s@stasis-{APPLICATION}", "app": APPLICATION, "channelId": name},
            headers={"X-Asterisk-ID": place} if place else {},
            timeout=10,
        )
        assert made.status_code == 200, made.text
        until(lambda: self.has_started(f"{name};2"), 10, f"the other half of {name}")
        # Sound, though silent, must flow: a recording ends with the next frame.
        for step in ("answer", "silence"):
            self.session.post(f"{self.url}/channels/{name};2/{step}", timeout=5)
        until(lambda: self.has(name), 10, f"{name} to be up and in its application")

    def has_started(self, channel: str) -> bool:
        self.listen()
        return any(event["type"] == "StasisStart" and event["channel"]["id"] == channel for event in self.events)

    def has(self, channel: str) -> bool:
        if not self.has_started(channel):
            return False
        return self.session.get(f"{self.url}/channels/{channel}", timeout=5).json()["state"] == "Up"

    def close(self) -> None:
        application = self.session.get(f"{self.url}/applications/{APPLICATION}", timeout=5).json()
        for channel in application["channel_ids"]:
            self.session.delete(f"{self.url}/channels/{quote(channel, safe='')}", timeout=5)
        self.socket.close()
        self.session.close()

    def ask(self, line: str) -> Answer:
        """Sends one request as written in requests.txt."""
        method, target, *body = line.split(" ", 2)
        answer = self.session.request(
            method, self.url + target, data=body[0] if body else None, timeout=15,
            headers={"Content-Type": "application/json"} if body else {},
        )
        if answer.ok and "eventFilter" in target:
            told = answer.json()
            until(lambda: all(self.filters_as(told, each) for each in self.gateways), 5, "every gateway to filter so")
        kind = answer.headers.get("Content-Type", "").split(";")[0]
        return Answer(answer.status_code, kind, shape(answer.json()) if kind == "application/json" else None)

    def filters_as(self, application: dict, gateway: str) -> bool:
        """Whether a gateway filters events as an answer said: another one than was asked hears of it a moment later."""
        known = self.session.get(f"{gateway}/applications/{APPLICATION}", timeout=5).json()
        return all(known[name] == application[name] for name in ("events_allowed", "events_disallowed"))

    def listen(self) -> None:
        """Takes in what has come."""
        while True:
            try:
                text = self.socket.recv()
            except websocket.WebSocketTimeoutException:
                return
            if text:
                self.events.append(json.loads(text))

    def heard(self) -> Counter:
        """The events since `forget`, by type and channel."""
        self.listen()
        return Counter(label(event) for event in self.events[self.taken:] if event.get("variable") not in UNTOLD)

    def forget(self) -> None:
        self.taken = len(self.events)


def label(event: dict) -> str:
    """An event without what differs from one run to the next."""
    channel = event.get("channel", {}).get("id", "")
    # An id that Asterisk chose says nothing.
    named = "" if re.search(r"\d{10}\.\d+", channel) else channel
    return " ".join(part for part in (event["type"], named, event.get("variable", "")) if part)


def shape(value: Any) -> Any:
    """The types in a JSON value; of errors also the words."""
    match value:
        case dict() if set(value) in ({"message"}, {"error"}):
            return value
        case dict():
            # Which variables a new channel has been given already is a matter of milliseconds.
            return {key: "variables" if key == "channelvars" else shape(item) for key, item in value.items()}
        case list():
            return merged([shape(item) for item in value])
        case None:
            return "null"
    return type(value).__name__


def merged(shapes: list) -> list:
    """The shape of a list: of its objects taken together, for each may lack what another has."""
    objects = [one for one in shapes if isinstance(one, dict)]
    others = sorted({json.dumps(one) for one in shapes if not isinstance(one, dict)})
    together = {key: value for one in objects for key, value in one.items()}
    return ([together] if objects else []) + others
