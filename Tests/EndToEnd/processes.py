"""What the machine runs: processes by descent, and which ports are free. Reads /proc and needs no tool."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    state: str
    command: str


def processes() -> dict[int, Process]:
    """Every process of the machine by its id; zombies are there with state `Z`."""
    pids = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    return {pid: found for pid in pids if (found := process(pid))}


def process(pid: int) -> Process | None:
    """One process; None if there is none."""
    folder = Path("/proc") / str(pid)
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return None
    return Process(pid, int(fields[1]), fields[0], command)


def descendants(pid: int) -> list[Process]:
    """The children of a process, their children, and so on."""
    everything = processes()
    found, parents = [], {pid}
    while parents:
        children = [process for process in everything.values() if process.parent in parents]
        found += children
        parents = {process.pid for process in children}
    return found


def mentioning(text: str) -> list[Process]:
    """Live processes with `text` in their command line, this one and its parents excepted."""
    everything = processes()
    own, ancestors = os.getpid(), set()
    while own in everything:
        ancestors.add(own)
        own = everything[own].parent
    return [
        process for process in everything.values()
        if text in process.command and process.state != "Z" and process.pid not in ancestors
    ]


def is_alive(pid: int) -> bool:
    found = process(pid)
    return found is not None and found.state != "Z"


def resident_bytes(pid: int) -> int | None:
    """The memory of a process that is in RAM; None if there is no such process."""
    try:
        pages = int((Path("/proc") / str(pid) / "statm").read_text().split()[1])
    except (OSError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def is_free(port: int, kind: int = socket.SOCK_STREAM) -> bool:
    """Whether a server could open this port on loopback now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
