"""Two applicationds in one cluster, on one Consul and one RabbitMQ: they share the work and tell nothing twice."""

import json
import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
import websocket

from cluster_processes import pids
from fleet import Fleet
from wait import until

APPLICATION = "twins"

CALLS = 12


class Twin:
    """Another instance, with the settings of the one that the cluster runs, on a port of its own."""

    def __init__(self, fleet: Fleet) -> None:
        process = Path(f"/proc/{pids(fleet)['applicationd']}")
        command = process.joinpath("cmdline").read_bytes().decode().rstrip("\0").split("\0")
        environment = process.joinpath("environ").read_bytes().decode().rstrip("\0").split("\0")
        port, status = 8009 + fleet.port_offset, 8669 + fleet.port_offset
        for option, value in (
            ("--name", "applicationd-twin"), ("--port", str(port)), ("--status-address", f"127.0.0.1:{status}"),
        ):
            command[command.index(option) + 1] = value
        self.url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            command, env=dict(entry.split("=", 1) for entry in environment), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        until(lambda: requests.get(f"{self.url}/status", timeout=2).status_code == 200, 20, "the twin to serve")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Listener:
    """Hears every event of websocketd."""

    def __init__(self, fleet: Fleet) -> None:
        self.events: list[dict] = []
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{fleet.websocketd_port}/?version=2", header=[f"X-Auth-Token: {fleet.token()}"], timeout=10
        )
        for command in ({"op": "subscribe", "data": {"event_name": "*"}}, {"op": "start"}):
            self._socket.send(json.dumps(command))
        answers = [json.loads(self._socket.recv())["op"] for _ in range(3)]
        assert answers == ["init", "subscribe", "start"]
        self._socket.settimeout(None)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while text := self._socket.recv():
                self.events.append(json.loads(text)["data"])
        except (websocket.WebSocketException, OSError):
            pass

    def close(self) -> None:
        self._socket.close()

    def about(self, name: str, calls: list[str]) -> Counter:
        """How often each call was in an event of this name."""
        heard = [event["data"]["call"]["id"] for event in list(self.events) if event["name"] == name]
        return Counter(call for call in heard if call in calls)


@pytest.fixture
def urls(fleet: Fleet) -> Iterator[list[str]]:
    """Where both serve, the cluster's own first."""
    twin = Twin(fleet)
    yield [fleet.applicationd_url, twin.url]
    twin.stop()


def test_two_share_the_work_and_tell_nothing_twice_also_when_one_is_killed(fleet: Fleet, urls: list[str]) -> None:
    headers = {"X-Auth-Token": fleet.token()}

    def ask(url: str, method: str, path: str = "", body: object = None) -> requests.Response:
        answer = requests.request(method, f"{url}/1.0/applications/{path}", json=body, headers=headers, timeout=10)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    application = ask(urls[1], "POST", APPLICATION).json()["uuid"]
    listener = Listener(fleet)
    try:
        def originate(index: int) -> str:
            made = ask(urls[index % 2], "POST", f"{application}/calls", {"exten": "9999", "context": "default"})
            return made.json()["id"]

        with ThreadPoolExecutor(4) as pool:
            calls = list(pool.map(originate, range(CALLS)))
        for url in urls:
            listed = {call["id"] for call in ask(url, "GET", f"{application}/calls").json()["items"]}
            assert set(calls) <= listed, f"{url} knows the calls of both"
        once = dict.fromkeys(calls, 1)
        until(lambda: listener.about("application_call_initiated", calls) == once, 10, "each call told of once")

        # Whichever leads: of two kills in a row one hits the leader, and the other a follower.
        former = pids(fleet)["applicationd"]
        os.kill(former, signal.SIGKILL)
        for call in calls[:CALLS // 2]:
            ask(urls[1], "DELETE", f"{application}/calls/{call}")
        until(lambda: pids(fleet).get("applicationd", former) != former, 20, "another in its place")
        until(lambda: requests.get(f"{urls[0]}/status", timeout=2).status_code == 200, 20, "the first to serve again")
        with ThreadPoolExecutor(4) as pool:
            later = list(pool.map(originate, range(CALLS)))
        every = dict.fromkeys(calls + later, 1)

        def told(name: str) -> None:
            until(
                lambda: listener.about(name, calls + later) == every, 15,
                lambda: f"{name} of each call once; there were {listener.about(name, calls + later)}",
            )

        told("application_call_initiated")
        for index, call in enumerate(calls[CALLS // 2:] + later):
            ask(urls[index % 2], "DELETE", f"{application}/calls/{call}")
        told("application_call_deleted")
        leaders = [requests.get(f"{url}/metrics", timeout=5).text for url in urls]
        assert sum("\nasterism_applicationd_leading 1" in text for text in leaders) == 1
    finally:
        listener.close()
