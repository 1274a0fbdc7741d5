"""The network that phones on other machines are on: a namespace of the kernel at the end of a cable."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from phone import Place


@dataclass(frozen=True)
class Network:
    interface: str
    """This machine's end of the cable."""
    address: str
    """This machine's address on the network."""
    place: Place
    """Where another machine is."""


@contextmanager
def network() -> Iterator[Network]:
    """Lays the cable, a veth pair, and takes it away again."""
    name, subnet = f"e2e{os.getpid()}", f"10.231.{os.getpid() % 256}"
    near, far, here, there = f"{name}n", f"{name}f", f"{subnet}.1", f"{subnet}.2"
    within = ("ip", "netns", "exec", name)
    try:
        _ip("netns", "add", name)
        _ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", name)
        _ip("address", "add", f"{here}/24", "dev", near)
        _ip("link", "set", near, "up")
        _ip("-netns", name, "address", "add", f"{there}/24", "dev", far)
        _ip("-netns", name, "link", "set", far, "up")
        _ip("-netns", name, "link", "set", "lo", "up")
        yield Network(near, here, Place(address=there, edge=here, within=within))
    finally:
        for command in (("link", "delete", near), ("netns", "delete", name)):
            subprocess.run(["ip", *command], stderr=subprocess.DEVNULL)


def answering(place: Place, ports: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of `ports`, as `Fleet.ports()` lists them, that answer somebody at `place`."""
    names = {f"{'tcp' if kind == socket.SOCK_STREAM else 'udp'}:{port}": (port, kind) for port, kind in ports}
    program = Path(__file__).with_name("knock.py")
    command = [*place.within, sys.executable, str(program), place.edge, *names]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return [names[name] for name in json.loads(answer.stdout)]


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
