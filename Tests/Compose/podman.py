"""podman as a Docker Engine of the test's own: its network, processes and mounts are in namespaces that end with it.

Images are kept between runs; all else goes. Nothing here touches the machine's network, firewall or Docker.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from wait import until

HERE = Path(__file__).parent

CACHE = Path(os.environ.get("ASTERISM_CACHE", "/var/cache/asterism")) / "containers"
"""Where images are kept."""


class Failed(Exception):
    """A command did not end well; says which, and what it printed."""


def run(*command: str | Path, timeout: float = 60, **options) -> str:
    """Runs a command to its end and returns its standard output."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, timeout=timeout, **options)
    if done.returncode != 0:
        printed = (done.stdout + done.stderr).strip()[-3000:]
        raise Failed(f"{' '.join(words)} ended with {done.returncode}: {printed}")
    return done.stdout


class Podman:
    """The engine. Until `start`, it can build images; afterwards it answers Docker's API at `socket`."""

    def __init__(self) -> None:
        CACHE.mkdir(parents=True, exist_ok=True)
        self._lock = (CACHE / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)  # one run at a time: they share the images
        shutil.rmtree(CACHE / "store/libpod", ignore_errors=True)  # what it knew of containers of an earlier run
        self.folder = Path(tempfile.mkdtemp(prefix="asterism-compose-"))
        self.socket = self.folder / "podman.sock"
        self.environment = os.environ | {"CONTAINERS_CONF": str(HERE / "containers.conf"), "TMPDIR": str(self.folder)}
        self._keeper: subprocess.Popen | None = None
        self._first = 0
        for left in self("ps", "--all", "--external", "--quiet").split():  # by a run that was killed
            self("rm", "--force", left)

    @property
    def words(self) -> list[str]:
        """podman, with places of its own for everything."""
        return [
            "podman", "--root", str(CACHE / "store"), "--runroot", str(self.folder / "runroot"),
            "--tmpdir", str(self.folder / "tmp"), "--network-config-dir", str(self.folder / "networks"),
        ]

    @property
    def within(self) -> tuple[str, ...]:
        """What it takes to start a program on the containers' network: phones are there."""
        return ("nsenter", f"--target={self._first}", "--net")

    def start(self) -> None:
        """Serves the API inside new namespaces. The first process there buries orphans, and takes everything along."""
        api = [*self.words, "system", "service", "--time=0", f"unix://{self.socket}"]
        catatonit = shutil.which("catatonit", path=os.environ["PATH"] + ":/usr/libexec/podman")
        self._keeper = subprocess.Popen(
            [
                "unshare", "--mount", "--net", "--pid", "--propagation=private", "--fork", "--kill-child",
                "--mount-proc", catatonit, "--", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *api,
            ],
            env=self.environment, stdout=(self.folder / "podman.log").open("w"), stderr=subprocess.STDOUT,
        )
        until(self.socket.exists, 20, lambda: f"podman's socket; it said: {(self.folder / 'podman.log').read_text()}")
        children = Path(f"/proc/{self._keeper.pid}/task/{self._keeper.pid}/children").read_text().split()
        self._first = int(children[0])

    def __call__(self, *arguments: str | Path, timeout: float = 60) -> str:
        """Runs a podman command: among the containers once the engine serves, before that on the machine itself."""
        return run(*self._inside, *self.words, *arguments, timeout=timeout, env=self.environment)

    def json(self, *arguments: str) -> list[dict]:
        return json.loads(self(*arguments, "--format=json") or "[]")

    def signal(self, container: str, number: signal.Signals) -> None:
        """Sends a signal to a container's first process as the kernel knows it, behind the engine's back."""
        [details] = json.loads(self("inspect", container))
        run(*self._inside, "kill", f"-{number.value}", str(details["State"]["Pid"]))

    def left(self) -> list[str]:
        """Processes, beside the engine's own, that still live in its namespaces; containers and networks."""
        listed = run(*self._inside, "ps", "-e", "-o", "comm=,args=").strip().splitlines()
        processes = [line for line in listed if line.split()[0] not in ("catatonit", "podman", "ps")]
        containers = [each["Names"][0] for each in self.json("ps", "--all")]
        networks = [each["name"] for each in self.json("network", "ls") if each["name"] != "podman"]
        return processes + containers + networks + self("volume", "ls", "--quiet").split()

    def stop(self) -> None:
        """Ends whatever still runs, and forgets everything but the images. May be said twice."""
        if self._keeper:
            try:
                for kind in ("rm --all --force --time=0", "volume prune --force"):
                    self(*kind.split())
            finally:
                self._keeper.kill()  # the first process in the namespaces goes along, and with it all others
                self._keeper.wait()
                self._keeper, self._first = None, 0
        for line in Path("/proc/self/mounts").read_text().splitlines():
            place = line.split()[1]
            if place.startswith((str(self.folder), str(CACHE))):
                subprocess.run(["umount", "--lazy", place])
        for folder in Path("/sys/fs/cgroup").glob("*/libpod_parent"):
            for each in (*sorted(folder.rglob("*/"), reverse=True), folder):
                with suppress(OSError):
                    each.rmdir()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()

    @property
    def _inside(self) -> tuple[str, ...]:
        return ("nsenter", f"--target={self._first}", "--mount", "--net", "--pid") if self._first else ()
