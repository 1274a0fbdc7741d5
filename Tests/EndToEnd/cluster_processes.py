"""The processes of a cluster on this machine, as the supervisors that started them have written them down."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fleet import Fleet
from processes import is_alive
from wait import until


def pids(fleet: Fleet) -> dict[str, int]:
    """Name to process id: roles (`gateway-1`), and engines (`kamailio`, `consul`, `ast1`)."""
    found = {}
    for file in sorted((fleet.state / "run").glob("**/*processes/*.json"), key=_age):
        try:
            entry = json.loads(file.read_text())
        except (OSError, ValueError):
            continue  # it is being written or removed
        if is_alive(entry["identity"]["pid"]):
            found[entry["name"]] = entry["identity"]["pid"]
    return found


def strike(fleet: Fleet, name: str, fault: signal.Signals) -> int:
    """Sends a signal to one part of the fleet and returns its process id. A part hangs with all its workers."""
    pid = until(lambda: pids(fleet).get(name), 10, f"{name} to run")
    if fault == signal.SIGSTOP and os.getpgid(pid) == pid:
        os.killpg(pid, fault)
    else:
        os.kill(pid, fault)
    return pid


def replaced(fleet: Fleet, name: str, former: int, timeout: float) -> None:
    """Waits until another process does the work of the former one."""
    until(
        lambda: pids(fleet).get(name, former) != former, timeout,
        lambda: f"{name} (once {former}) to be replaced; there are {pids(fleet)}", interval=0.1, strict=True,
    )


@contextmanager
def held_down(fleet: Fleet, name: str) -> Iterator[None]:
    """Kills one part of the fleet, and whatever is started in its place, as long as the block lasts."""
    is_over = threading.Event()

    def keep() -> None:
        while not is_over.wait(0.05):
            if pid := pids(fleet).get(name):
                _kill(pid)

    strike(fleet, name, signal.SIGKILL)
    keeper = threading.Thread(target=keep, name=f"holding down {name}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        keeper.join()


def _kill(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL) if os.getpgid(pid) == pid else os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it ended by itself


def _age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
