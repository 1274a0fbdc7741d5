#!/usr/bin/env python3
"""Measures websocketd: events a second to 1, 100 and 1,000 clients, and the delay from bus to client.

    benchmarks/websocketd.py [--frames 100000]

The events go through RabbitMQ, and each client's token is checked against each event. Beside it, and by the same
clients, a program is measured that copies bytes to every connection and does nothing else: what it manages is the bound
of machine and clients.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests" / "EndToEnd"))

import pika  # noqa: E402

import report  # noqa: E402
from cluster_processes import pids  # noqa: E402
from fleet import Fleet  # noqa: E402
from listeners import Listener, connect, event, frame  # noqa: E402

CLIENTS = (1, 100, 1000)
CALM = 100
"""Events sent one by one, 20 ms apart, for the delay."""

SHORTEST, LONGEST = 200, 20_000
"""Events of a burst, for the rate."""

WINDOW = 1000
"""Events that may be on their way: more than websocketd's bound would end every session, as it should."""


class Bus:
    """Publishes as applicationd does."""

    def __init__(self, fleet: Fleet) -> None:
        environment = Path(f"/proc/{pids(fleet)['websocketd']}/environ").read_bytes().split(b"\0")
        [url] = [entry.partition(b"=")[2].decode() for entry in environment if entry.startswith(b"ASTERISM_BROKER=")]
        self._channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
        self._properties = pika.BasicProperties(headers={"name": "bench", "required_acl": "events.applications.bench"})

    def send(self, body: bytes) -> None:
        self._channel.basic_publish("wazo-applicationd", "applications.bench", body, self._properties)


class Copier:
    """Copies what one connection sends to all the others."""

    def __init__(self) -> None:
        self._clients: list[asyncio.StreamWriter] = []
        self.port = 0

    async def start(self) -> "Copier":
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"welcome\n")
        self._clients.append(writer)

    def send(self, body: bytes) -> None:
        data = frame(body)
        for client in self._clients:
            client.write(data)


async def measure(listeners: list[Listener], send: Callable[[bytes], None], frames: int) -> dict:
    for number in range(CALM):
        send(event(number))
        await asyncio.sleep(0.02)
    await _heard(listeners, CALM)
    delays = sorted(delay for listener in listeners for delay in listener.delays)
    events = min(LONGEST, max(SHORTEST, frames // len(listeners)))
    begun = time.monotonic()
    for number in range(events):
        send(event(number))
        if number % 10 == 0:
            await asyncio.sleep(0)
            while CALM + number - min(listener.frames for listener in listeners) > WINDOW:
                await asyncio.sleep(0)
    await _heard(listeners, CALM + events)
    took = time.monotonic() - begun
    return {
        "clients": len(listeners), "rate": events * len(listeners) / took,
        "median": statistics.median(delays), "p99": delays[int(len(delays) * 0.99)],
    }


async def _heard(listeners: list[Listener], count: int) -> None:
    end = time.monotonic() + 120
    while any(listener.frames < count for listener in listeners):
        if time.monotonic() > end:
            sys.exit(f"not every client has heard {count} events: {min(each.frames for each in listeners)} at least")
        await asyncio.sleep(0.005)


async def run(fleet: Fleet, frames: int) -> dict:
    results: dict[str, list[dict]] = {"websocketd": [], "copier": []}
    for count in CLIENTS:
        print(f"  {count} clients", flush=True)
        listeners = await connect(count, fleet.websocketd_port, fleet.token())
        results["websocketd"].append(await measure(listeners, Bus(fleet).send, frames))
        copier = await Copier().start()
        results["copier"].append(await measure(await connect(count, copier.port, None), copier.send, frames))
    return results


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "--frames", type=int, default=100_000, help="frames to deliver for a rate, within bounds (default: 100000)"
    )
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="asterism-bench-websocketd-") as folder:
        fleet = Fleet(Path(folder), 16000, nodes=1, cluster=True)
        try:
            fleet.start()
            results = asyncio.run(run(fleet, given.frames))
            fleet.stop()
        finally:
            fleet.kill()
            fleet.sweep()
    rows = [
        [name, str(each["clients"]), f"{each['rate']:.0f}", f"{1000 * each['median']:.1f}", f"{1000 * each['p99']:.1f}"]
        for name, measured in results.items() for each in measured
    ]
    text = report.table(["program", "clients", "frames/s", "median delay, ms", "p99, ms"], rows)
    report.save("websocketd", {"cores": os.cpu_count(), **results}, text)


if __name__ == "__main__":
    main()
