"""A fleet under test: the real `asterism up` and the operator's commands against it."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import requests

from phone import Call, Phone
from processes import is_free, mentioning
from wait import PATIENCE, until

ROOT = Path(__file__).resolve().parents[2]

CLUSTER = os.environ.get("ASTERISM_E2E_CLUSTER") == "1"
"""Whether fleets use Consul, RabbitMQ and nginx, with every role a process of its own."""

READY = 120
"""Seconds for a first start; a start with the engines at hand takes a few."""

STOP = 10
"""Seconds that the fleet promises to need to stop."""

ROOM = "7001"
"""The number of the conference."""

LANDED = 30.0
"""Seconds within which one of several calls lands on a certain node, which gets those of its turn."""


def binary() -> Path:
    """The `asterism` under test: $ASTERISM_BIN, else the release build, else the debug build."""
    named = os.environ.get("ASTERISM_BIN")
    candidates = [Path(named)] if named else [ROOT / ".build" / kind / "asterism" for kind in ("release", "debug")]
    for candidate in candidates:
        if candidate.is_file():
            return candidate.resolve()
    raise FileNotFoundError(f"no asterism in {', '.join(map(str, candidates))}: build it with `make build`")


def share_engines(state: Path) -> Path:
    """A state directory of its own that borrows the engines that are already unpacked."""
    state.mkdir(parents=True, exist_ok=True)
    engines = Path(os.environ.get("ASTERISM_ENGINES", "/var/lib/asterism/engines"))
    engines.mkdir(parents=True, exist_ok=True)
    link = state / "engines"
    if not link.exists():
        link.symlink_to(engines)
    return state


class Node:
    """One node as `asterism nodes` reports it."""

    def __init__(self, report: dict) -> None:
        self.name: str = report["name"]
        self.id: str = report["id"]
        self.nickname: str = report["nickname"]
        self.state: str = report["state"]
        self.calls: int = report["calls"]
        self.channels: int = report["channels"]
        self.pid: int | None = report.get("pid")
        self.sip: str = report["sip"]
        self.ari: str = report["ari"]
        credentials = report.get("ariCredentials") or {}
        self.credentials = (credentials.get("user"), credentials.get("password"))

    def __repr__(self) -> str:
        return f"<{self.name} {self.state}, {self.calls} calls, pid {self.pid}>"

    def ask(self, path: str):
        """What its own ARI answers to GET, past the gateway."""
        answer = requests.get(f"http://{self.ari}/ari/{path}", auth=self.credentials, timeout=5)
        answer.raise_for_status()
        return answer.json()

    @property
    def media_ports(self) -> range:
        """The node's RTP ports: a thousand for each node, in the order of their SIP ports.

        The port offset, always whole thousands here, is added to 5071 and to 10000 alike.
        """
        port = int(self.sip.rsplit(":", 1)[1])
        offset, index = divmod(port - 5071, 1000)
        first = 10000 + offset * 1000 + index * 1000
        return range(first, first + 1000)


class Fleet:
    """One `asterism up`, started and stopped by the tests."""

    def __init__(self, state: Path, port_offset: int, nodes: int = 2, cluster: bool = CLUSTER) -> None:
        self.cluster = cluster
        self.state = share_engines(state)
        self.port_offset = port_offset
        self.size = nodes
        self.output_path = state / "up.log"
        self.process: subprocess.Popen | None = None

    # Life

    def start(self, *options: str) -> "Fleet":
        """Starts the fleet and waits until it says that it is ready."""
        self.launch(*options)
        try:
            return self.ready()
        except BaseException:
            self.kill()
            raise

    def launch(self, *options: str) -> "Fleet":
        """Starts the fleet without waiting for it."""
        command = [
            str(binary()), "up", "--nodes", str(self.size), "--state-dir", str(self.state),
            "--port-offset", str(self.port_offset), *(["--cluster"] if self.cluster else []), *options,
        ]
        with self.output_path.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        return self

    def ready(self) -> "Fleet":
        def said_so() -> bool:
            if self.process.poll() is not None:
                return True
            return re.search(r"ready.*dial 8001", self.output(), re.DOTALL) is not None

        until(said_so, READY, lambda: f"the fleet to be ready; it printed:\n{self.output()}", interval=0.1)
        if self.process.poll() is not None:
            raise AssertionError(f"the fleet ended with {self.process.returncode}:\n{self.output()}")
        return self

    def stop(self) -> int:
        """Stops the fleet as Ctrl-C does and returns its exit code; fails if it takes longer than promised."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the fleet did not stop within {STOP} s of SIGTERM:\n{self.output()}") from None

    def kill(self) -> None:
        """Ends the supervisor with `kill -9`, so that it can clean up nothing."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def sweep(self) -> None:
        """Ends whatever a killed supervisor has left running, so that one failure does not spoil other tests."""
        for process in mentioning(str(self.state)):
            try:
                os.kill(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def output(self) -> str:
        return self.output_path.read_text(errors="replace") if self.output_path.exists() else ""

    # Operator

    def run(self, *arguments: str, timeout: float = 30) -> subprocess.CompletedProcess:
        """Runs one operator command against this fleet."""
        command = [str(binary()), *arguments, "--state-dir", str(self.state)]
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)

    def do(self, *arguments: str, timeout: float = 30) -> str:
        """Runs one operator command that must succeed and returns what it prints."""
        done = self.run(*arguments, timeout=timeout)
        if done.returncode != 0:
            said = f"{done.stdout}{done.stderr}".strip()
            raise AssertionError(f"asterism {' '.join(arguments)} ended with {done.returncode}: {said}")
        return done.stdout

    def json(self, *arguments: str):
        """What an operator command answers to programs."""
        return json.loads(self.do(*arguments, "--output", "json"))

    def nodes(self) -> dict[str, Node]:
        return {report["name"]: Node(report) for report in self.json("nodes", "--show-secrets")}

    def node(self, name: str) -> Node:
        return self.nodes()[name]

    def calls(self) -> list[dict]:
        return self.json("calls")

    def bridges(self) -> list[dict]:
        return self.json("bridges")

    def scale(self, size: int, timeout: float = 60) -> None:
        """Changes the number of nodes and waits until that many are up and no other is left."""
        self.do("scale", str(size), timeout=timeout)
        self.settled(size, timeout)

    def settled(self, size: int, timeout: float = 60) -> None:
        """Waits until the fleet has exactly `size` nodes and all of them are up."""
        if self.process.poll() is not None:
            raise AssertionError(f"the fleet is not running: it ended with {self.process.returncode}")

        def as_wanted() -> bool:
            return [node.state for node in self.nodes().values()] == ["up"] * size

        until(as_wanted, timeout, lambda: f"{size} nodes, all up; there are {self.nodes()}", interval=0.2)

    def turned(self, name: str, state: str) -> None:
        """Waits until every gateway says that a node is `state`: each hears of it by itself."""

        def states() -> list[str]:
            return [
                node["state"] for nodes in self.at_each_gateway("fleet/nodes") for node in nodes if node["name"] == name
            ]

        until(
            lambda: states() == [state] * len(self.gateway_urls), 5, lambda: f"{name} to be {state}; it is {states()}"
        )

    # Calls

    @property
    def sip_port(self) -> int:
        return 5060 + self.port_offset

    def add_subscriber(self, name: str, password: str) -> None:
        known = [subscriber["name"] for subscriber in self.json("subscribers", "list")]
        if name not in known:
            self.do("subscribers", "add", name, "--password", password)

    def node_of(self, call: Call) -> str:
        """The node that a call is on, by where its sound goes: this asks nobody who could be wrong."""
        for node in self.nodes().values():
            if call.remote_port in node.media_ports:
                return node.name
        raise AssertionError(f"no node's sound ports hold {call.remote_port}")

    def call_on(self, node: str, phone: Phone, number: str) -> Call:
        """A call that has landed on `node`: dials again until one does, and leaves nothing of the others.

        One to the conference is in it: who was answered first need not be the first there, which makes the home.
        """
        deadline = time.monotonic() + LANDED
        while time.monotonic() < deadline:
            call = phone.call(number)
            if self.node_of(call) == node:
                if number == ROOM:
                    self.seated(call)
                return call
            call.hang_up()
            self.forgotten(phone)
        raise AssertionError(f"no call of {phone.user} to {number} landed on {node}")

    def seated(self, call: Call) -> None:
        """Waits until a call to the conference is in a bridge."""
        channel = self.channel_of(call, ROOM)
        until(
            lambda: any(channel in bridge["channels"] for bridge in self.at_each_gateway("ari/bridges")[0]), 5,
            f"{channel} in the conference",
        )

    def forgotten(self, phone: Phone) -> None:
        """Waits until no gateway knows any more calls from a phone than those that are up."""

        def known() -> int:
            return max(
                sum(call["caller"] == phone.user for call in calls) for calls in self.at_each_gateway("fleet/calls")
            )

        until(lambda: known() <= sum(call.is_up for call in phone.calls), 5, f"the ended calls of {phone.user} to go")

    def avoids(self, node: str, phone: Phone) -> None:
        """Waits until the edge, too, knows that a node takes no calls: as many as there are nodes land elsewhere."""
        until(
            lambda: all(self.node_of(phone.call("9999").hang_up()) != node for _ in self.nodes()), 10,
            f"calls to avoid {node}",
        )

    def channel_of(self, call: Call, dialled: str | None = None) -> str:
        """The channel of a phone's only call, or of its only one to a number, once every gateway has it as up."""

        def channels() -> list[str]:
            return [
                each["id"] for calls in self.at_each_gateway("fleet/calls") for each in calls
                if each["caller"] == call.phone.user and each["state"] == "Up" and dialled in (None, each["dialled"])
            ]

        return until(
            lambda: len(found := channels()) == len(self.gateway_urls) and len(set(found)) == 1 and found[0], 5,
            lambda: f"one channel of {call!r}; there are {self.calls()}",
        )

    def gathered(self, bridge: str, *channels: str) -> None:
        """Waits until every gateway has exactly these channels in a bridge."""

        def members() -> list[list[str]]:
            return [
                sorted(each["channels"]) for bridges in self.at_each_gateway("ari/bridges") for each in bridges
                if each["id"] == bridge
            ]

        until(
            lambda: members() == [sorted(channels)] * len(self.gateway_urls), 5,
            lambda: f"{channels} in {bridge}; there are {members()}",
        )

    # ARI

    @property
    def ari_url(self) -> str:
        return f"http://127.0.0.1:{8088 + self.port_offset}/ari"

    @property
    def gateway_url(self) -> str:
        """A gateway itself, without the public origin before it."""
        return self.gateway_urls[0]

    @property
    def gateway_urls(self) -> list[str]:
        """Every gateway by itself."""
        return [f"http://127.0.0.1:{port + self.port_offset}" for port in ((8091, 8092) if self.cluster else (8088,))]

    @property
    def auth_url(self) -> str:
        return f"http://127.0.0.1:{self.auth_port}"

    @property
    def auth_port(self) -> int:
        return 9497 + self.port_offset

    @property
    def applicationd_url(self) -> str:
        return f"http://127.0.0.1:{self.applicationd_port}"

    @property
    def applicationd_port(self) -> int:
        return 8000 + self.port_offset

    @property
    def websocketd_port(self) -> int:
        return 9502 + self.port_offset

    def operator(self) -> tuple[str, str]:
        """Who may use the operators' API: user and password."""
        key = json.loads((self.state / "run/admin.json").read_text())
        return key["user"], key["password"]

    def token(self) -> str:
        """A token of the local demo's administrator."""
        answer = requests.post(f"{self.auth_url}/0.1/token", json={}, auth=("admin", "secret"), timeout=10)
        answer.raise_for_status()
        return answer.json()["data"]["token"]

    def ari(self, method: str, path: str, *, at: str | None = None, **options) -> requests.Response:
        """One ARI request to the fleet, as the demo's user; `at` is the base of another ARI than the public one."""
        options.setdefault("auth", ("wazo", "wazo"))
        return requests.request(method, f"{at or self.ari_url}/{path}", timeout=10, **options)

    def at_each_gateway(self, path: str) -> list:
        """What every gateway itself answers to GET: below `ari/` to the demo's user, below `fleet/` to an operator."""
        answers = [
            requests.get(
                f"{url}/{path}", auth=self.operator() if path.startswith("fleet/") else ("wazo", "wazo"), timeout=10
            )
            for url in self.gateway_urls
        ]
        for answer in answers:
            answer.raise_for_status()
        return [answer.json() for answer in answers]

    def node_ari(self, name: str, path: str):
        """What one node's own ARI answers to GET, past the gateway."""
        return self.node(name).ask(path)

    def left_on_nodes(self) -> list[str]:
        """Every channel and bridge that any node still holds, legs included."""
        left = []
        for name, node in self.nodes().items():
            left += [f"{name}: channel {channel['name']}" for channel in node.ask("channels")]
            left += [f"{name}: bridge {bridge['id']}" for bridge in node.ask("bridges")]
        return left

    def empty(self, timeout: float = PATIENCE) -> None:
        """Waits until no node holds any channel or bridge, and no longer than it is told: some clear them then."""
        until(
            lambda: self.left_on_nodes() == [], timeout, lambda: f"empty nodes; left are {self.left_on_nodes()}",
            interval=0.2, strict=True,
        )

    def clear(self) -> None:
        """Ends whatever is left, so that the failure of one test does not spoil the next."""
        for node in self.nodes().values():
            for kind in ("channels", "bridges"):
                for each in node.ask(kind):
                    address = f"http://{node.ari}/ari/{kind}/{quote(each['id'], safe='')}"
                    requests.delete(address, auth=node.credentials, timeout=5)

    # Traces

    def ports(self) -> list[tuple[int, int]]:
        """`(port, kind of socket)` of everything that a fleet of two listens on."""
        tcp = [5060, 5065, 8088, 8000, 8001, 8101, 8102, 8201, 8202, 9497, 9502]
        if self.cluster:
            tcp += [8500, 8530, 8531, 5672, 8540, 8541, 8091, 8092, 8301, 8302]
            tcp += [8601, 8602, 8651, 8652, 8660, 8661, 8662, 8663, 8664, 8665, 8666]
        udp = [5060, 5071, 5072]
        return [(port + self.port_offset, socket.SOCK_STREAM) for port in tcp] + [
            (port + self.port_offset, socket.SOCK_DGRAM) for port in udp
        ]

    def traces(self) -> list[str]:
        """Processes, ports and files that a stopped fleet should not have left."""
        found = [f"process {process.pid}: {process.command}" for process in mentioning(str(self.state))]
        found += [f"port {port}" for port, kind in self.ports() if not is_free(port, kind)]
        found += [str(self.state / "run")] if (self.state / "run").exists() else []
        return found
