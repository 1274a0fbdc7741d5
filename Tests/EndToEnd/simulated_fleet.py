"""A fleet of simulated Asterisks before a real gateway, in processes of their own."""

import base64
import json
import os
import queue
import subprocess
import threading
import time
import urllib.request
from pathlib import Path
from typing import Self

from wait import until

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("FLEET_SIMULATOR_BIN", str(ROOT / ".build/release/fleet-simulator"))
USER = PASSWORD = "simulated"
APPLICATION = "simulated"
EPOCH = 1767225600
"""In the ids of simulated channels."""


class Part:
    """One process of `fleet-simulator`, which tells in lines of JSON what it has done."""

    def __init__(self, *arguments: str) -> None:
        self.name = arguments[0]
        self.process = subprocess.Popen(
            [BINARY, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def next(self, timeout: float = 60) -> dict:
        """What it tells next."""
        line = self.lines.get(timeout=timeout)
        if not line:
            raise RuntimeError(f"fleet-simulator {self.name} has ended with {self.process.wait(5)}")
        told = json.loads(line)
        if "error" in told:
            raise RuntimeError(told["error"])
        return told

    def ask(self, command: str, timeout: float = 120) -> dict:
        """Has it do something, and returns what it tells of that."""
        self.say(command)
        return self.next(timeout)

    def say(self, command: str) -> None:
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def stop(self) -> int:
        """Ends it as an operator would, and returns its exit status."""
        self.process.terminate()
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class SimulatedFleet:
    """The simulated Asterisks and the gateway."""

    def __init__(self, nodes: int, port: int = 30000) -> None:
        self.nodes, self.port = nodes, port
        self.url = f"http://127.0.0.1:{port}/ari"
        self.authorization = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        self.parts: list[Part] = []

    def __enter__(self) -> Self:
        size = ("--nodes", str(self.nodes), "--port", str(self.port))
        try:
            self.gateway = self._start("gateway", *size)
            self.asterisks = self._start("nodes", *size)
            self.asterisks.next()
            self.gateway.next()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for part in reversed(self.parts):
            part.stop()

    def _start(self, *arguments: str) -> Part:
        part = Part(*arguments)
        self.parts.append(part)
        return part

    def listen(self) -> Part:
        """A client of the application's events."""
        listener = self._start("listen", "--port", str(self.port), "--app", APPLICATION)
        listener.next()
        return listener

    def end(self, part: Part) -> int:
        self.parts.remove(part)
        return part.stop()

    def register(self) -> None:
        """Registers the application on every node without a socket, which would have to be read."""
        self.request("POST", f"/amqp/{APPLICATION}")
        addresses = [f"http://127.0.0.1:{self.port + 2 * node - 1}/ari" for node in range(1, self.nodes + 1)]
        until(
            lambda: all(self.ask(f"{address}/applications/{APPLICATION}") for address in addresses), 5,
            "every node to know the application",
        )

    def request(self, method: str, path: str) -> object:
        return self.ask(self.url + path, method)

    def ask(self, url: str, method: str = "GET") -> object:
        request = urllib.request.Request(url, None, {"Authorization": self.authorization}, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or "null")

    def channel(self, node: int, number: int) -> str:
        """The id of a channel; both are counted from 1."""
        return f"sim{node}-{EPOCH}.{number}"

    def call(self, per_node: int, rate: int = 5000) -> dict:
        """Calls come in until each node has so many."""
        return self.asterisks.ask(f"calls {per_node} {rate}")

    def happen(self, rate: int, seconds: float) -> dict:
        """Things happen to the calls there are."""
        return self.asterisks.ask(f"events {rate} {seconds:g}")


def settled(listener: Part, count: int, timeout: float = 20) -> dict:
    """What a listener tells once it has so many events, or when it has waited long enough for them."""
    told: list[dict] = []

    def has_all() -> bool:
        told.append(listener.ask("report"))
        return told[-1]["received"] >= count

    try:
        until(has_all, timeout, f"{count} events", strict=True)
    except TimeoutError:
        pass  # the report says what is missing
    return told[-1]
