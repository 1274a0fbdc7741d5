"""The fleet of deploy/compose.yaml, run by Docker Compose itself."""

import json
import subprocess
import threading
from dataclasses import dataclass

from images import DEPLOY, PROJECT
from phone import Place
from podman import Failed, Podman, run
from wait import until

UP = 120
"""Seconds from nothing to every service healthy."""


@dataclass(frozen=True)
class Container:
    name: str
    id: str
    service: str
    address: str
    started: str


class Stack:
    def __init__(self, podman: Podman) -> None:
        self.podman = podman

    def compose(self, *arguments: str, timeout: float = UP) -> str:
        """A `docker compose` command."""
        command = (PROJECT / "scripts/compose", "--file", DEPLOY / "compose.yaml", "--progress=plain", *arguments)
        environment = self.podman.environment | {
            "DOCKER_HOST": f"unix://{self.podman.socket}", "DOCKER_CONFIG": str(self.podman.folder / "docker"),
        }
        return run(*command, timeout=timeout, env=environment)

    def up(self, **scale: int) -> None:
        """Starts what does not run, as many containers of each service as `scale` says, and waits for their health."""
        chosen = [f"--scale={service}={number}" for service, number in scale.items()]
        with Examiner(self.podman):
            try:
                self.compose("up", "--detach", "--no-build", "--no-recreate", "--wait", *chosen)
            except (Failed, subprocess.TimeoutExpired) as error:
                raise Failed(f"{error}\n{self.words()}") from error

    def down(self) -> None:
        self.compose("down", "--volumes", "--timeout=10")

    def words(self) -> str:
        """The state of every container, and the last that each of ours said."""
        told = [self.podman("ps", "--all", "--format={{.Names}} {{.Status}}")]
        for container in self.podman.json("ps", "--all"):
            name = container["Names"][0]
            done = subprocess.run(
                [*self.podman.within, *self.podman.words, "logs", "--tail=12", name], env=self.podman.environment,
                capture_output=True, text=True,
            )
            told.append(f"--- {name}\n{done.stdout}{done.stderr}")
        return "\n".join(told)

    def containers(self, service: str) -> list[Container]:
        """The running containers of a service."""
        found = []
        chosen = self.podman("ps", "--quiet", f"--filter=label=com.docker.compose.service={service}").split()
        for details in json.loads(self.podman("inspect", *chosen)) if chosen else []:
            [network] = details["NetworkSettings"]["Networks"].values()
            found.append(Container(
                details["Name"], details["Id"], service, network["IPAddress"], details["State"]["StartedAt"],
            ))
        return found

    def place(self) -> Place:
        """Where phones are: on the machine that runs the containers; the edge's SIP is published there."""
        [network] = json.loads(self.podman("network", "inspect", self.network))
        gateway = network["subnets"][0]["gateway"]
        return Place(address=gateway, edge=gateway, within=self.podman.within)

    @property
    def network(self) -> str:
        return "asterism_fleet"

    # The operator's hands

    def asterism(self, *arguments: str) -> str:
        """An operator's command inside a gateway."""
        gateway = self.containers("gateway")[0]
        return self.podman("exec", gateway.name, "asterism", *arguments)

    def nodes(self) -> dict[str, dict]:
        """The nodes by name, as the operator sees them."""
        return {node["name"]: node for node in json.loads(self.asterism("nodes", "--output", "json"))}

    def calls(self) -> list[dict]:
        return json.loads(self.asterism("calls", "--output", "json"))

    def taking_calls(self) -> dict[str, dict]:
        return {name: node for name, node in self.nodes().items() if node["state"] == "up"}

    def settled(self, count: int, timeout: float = 30) -> dict[str, dict]:
        """Waits until this many nodes, and no other, are known and take calls."""
        until(
            lambda: len(self.nodes()) == len(self.taking_calls()) == count, timeout,
            lambda: f"{count} nodes that take calls; there are {self.nodes()}; {self.words()}", interval=0.5,
        )
        return self.nodes()

    def container_of(self, node: dict) -> Container:
        host = node["sip"].rpartition(":")[0]
        [container] = [each for each in self.containers("asterisk") if each.address == host]
        return container


class Examiner:
    """Runs the health checks of containers that are not healthy yet: podman leaves that to systemd's timers."""

    def __init__(self, podman: Podman) -> None:
        self._podman = podman
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._examine, name="health checks", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()

    def _examine(self) -> None:
        while not self._over.wait(1):
            for health in ("starting", "unhealthy"):
                for container in self._podman("ps", "--quiet", f"--filter=health={health}").split():
                    if self._over.is_set():
                        return
                    try:
                        self._podman("healthcheck", "run", container)
                    except (Failed, subprocess.TimeoutExpired):
                        pass  # not yet; or it went away meanwhile
