"""A cluster under test: every engine and role its own process, which the tests kill, hang and keep away."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from fleet import Fleet
from wait import until


@dataclass(frozen=True)
class Part:
    """A supervised process, as its supervisor's ledger has it."""

    name: str
    pid: int

    def signal(self, number: int) -> None:
        """Sends a signal to the process and to those of its group: workers hang and die with their master."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            pass


class Cluster(Fleet):
    """One `asterism up --cluster`."""

    def launch(self, *options: str) -> "Cluster":
        return super().launch("--cluster", *options)

    def parts(self) -> dict[str, Part]:
        """Everything that runs, by its name: `consul`, `gateway-1`, `node-2` (the agent), `ast2`, ..."""
        found = {}
        for path in self.state.glob("run/**/*.json"):
            if path.parent.name == "processes" or path.parent.name.endswith(".processes"):
                try:
                    entry = json.loads(path.read_text())
                except (OSError, ValueError):
                    continue  # it ended meanwhile
                if is_running(entry["identity"]["pid"]):
                    found[entry["name"]] = Part(entry["name"], entry["identity"]["pid"])
        return found

    def gateways_are_ready(self) -> bool:
        ports = (8651 + self.port_offset, 8652 + self.port_offset)
        return all(requests.get(f"http://127.0.0.1:{port}/status", timeout=2).status_code == 200 for port in ports)

    def conductor(self) -> str:
        """The gateway that conducts the fleet's bridges."""
        url = f"http://127.0.0.1:{8500 + self.port_offset}/v1/kv/asterism/conductor?raw"
        return until(lambda: requests.get(url, timeout=2).text, 10, "a conductor", interval=0.2)

    def replaced(self, old: Part, timeout: float) -> Part:
        """Waits until another process has taken the place of `old`."""

        def successor() -> Part | None:
            now = self.parts().get(old.name)
            return now if now and now.pid != old.pid else None

        return until(successor, timeout, f"another {old.name} in place of {old.pid}")

    @contextmanager
    def hung(self, name: str) -> Iterator[None]:
        """Keeps a part hanging, together with each successor that its supervisor starts, until the end of the block."""
        stopped: set[Part] = set()
        over = threading.Event()

        def hold() -> None:
            while not over.wait(0.05):
                part = self.parts().get(name)
                if part and part not in stopped:
                    stopped.add(part)
                    part.signal(signal.SIGSTOP)

        holder = threading.Thread(target=hold, name=f"holding {name}", daemon=True)
        holder.start()
        try:
            until(lambda: stopped, 5, f"{name} to hang")
            yield
        finally:
            over.set()
            holder.join(5)
            for part in self.parts().values():
                if part.name == name:
                    part.signal(signal.SIGCONT)

    def memory(self) -> dict[str, int]:
        """Resident memory of each part in KiB, without its workers."""
        found = {}
        for part in self.parts().values():
            try:
                status = Path(f"/proc/{part.pid}/status").read_text()
            except OSError:
                continue
            found[part.name] = next(
                (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0
            )
        return found


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
