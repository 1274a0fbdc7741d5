#!/usr/bin/env python3
"""Measures one gateway before a large fleet: simulated Asterisks, which speak ARI over real sockets.

    benchmarks/large_fleet.py [--sizes 10,100,500] [--calls 200] [--seconds 5]

For each size of the fleet: memory of the gateway's process per idle channel, its processor time per event that one
client receives, and its rate and processor time for requests that read random channels. On the smallest fleet: the
delay that the gateway adds to events at rising rates. The simulated Asterisks, the gateway and the client are a process
each and share the machine. In the gateway's process are also the links of all agents, which in a real fleet are the
nodes' business: their threads are counted by themselves.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests" / "EndToEnd"))

import report  # noqa: E402
from cpu import TICKS  # noqa: E402
from simulated_fleet import EPOCH, SimulatedFleet, settled  # noqa: E402

SIZES = (10, 100, 500)
CALLS = 200
RATES = (5_000, 10_000, 20_000, 30_000, 40_000, 60_000)
STEADY = 5_000
"""Events a second while processor time is measured, on every size of the fleet."""
LATE = 50
"""Milliseconds: a rate whose 99th percentile is later is not sustained."""

ASK = """
local nodes, calls = {nodes}, {calls}
request = function()
    local id = string.format("sim%d-{epoch}.%d", math.random(nodes), math.random(calls))
    return wrk.format("GET", "/ari/channels/" .. id)
end
"""


class Process:
    """The account that the kernel keeps of one process."""

    def __init__(self, pid: int) -> None:
        self.folder = Path(f"/proc/{pid}")

    def seconds(self) -> dict[str, float]:
        """Processor seconds of the threads that carry the agents' links, and of all others."""
        used = {"agents": 0.0, "gateway": 0.0}
        for task in (self.folder / "task").iterdir():
            try:
                name, _, rest = (task / "stat").read_text().partition("(")[2].rpartition(")")
            except OSError:
                continue  # it has ended
            fields = rest.split()
            used["agents" if name.startswith("NIO-ELT") else "gateway"] += (int(fields[11]) + int(fields[12])) / TICKS
        return used

    def memory(self) -> int:
        """Bytes of memory in use."""
        return int(re.search(r"VmRSS:\s+(\d+)", (self.folder / "status").read_text())[1]) * 1024


def used(process: Process, work) -> tuple[object, dict[str, float], float]:
    """What some work returns, and the processor seconds and the time that it took."""
    before, begun = process.seconds(), time.monotonic()
    result = work()
    after = process.seconds()
    return result, {name: after[name] - before[name] for name in after}, time.monotonic() - begun


def beyond_idle(spent: dict[str, float], seconds: float, idle: dict[str, float], count: int) -> dict[str, float]:
    """Microseconds of processor time for each of so many."""
    return {name: 1e6 * (spent[name] - idle[name] * seconds) / max(count, 1) for name in spent}


def measure_size(nodes: int, calls: int, seconds: float) -> dict:
    begun = time.monotonic()
    with SimulatedFleet(nodes) as fleet:
        started = time.monotonic() - begun
        process = Process(fleet.gateway.process.pid)
        fleet.register()
        empty = process.memory()
        fleet.call(calls, rate=10_000)
        until_listed(fleet, nodes * calls)
        full = process.memory()
        _, spent, elapsed = used(process, lambda: time.sleep(3))
        idle = {name: each / elapsed for name, each in spent.items()}
        events = measure_events(fleet, process, STEADY, seconds, idle)
        requests = measure_requests(fleet, process, nodes, calls, seconds, idle)
        channels = nodes * calls
        result = {
            "nodes": nodes, "channels": channels, "started": started, "memory_empty": empty, "memory_full": full,
            "bytes_per_channel": (full - empty) / channels, "idle": idle, "events": events, "requests": requests,
        }
    print(
        f"  {nodes} nodes: {result['bytes_per_channel']:.0f} bytes per channel, "
        f"{events['cost']['gateway']:.1f} us per event, {requests['cost']['gateway']:.1f} us per request",
        flush=True,
    )
    return result


def until_listed(fleet: SimulatedFleet, channels: int) -> None:
    """Waits until the gateway has heard of every call."""
    operators = fleet.url.removesuffix("/ari") + "/fleet"
    deadline = time.monotonic() + 30
    while sum(node["channels"] for node in fleet.ask(f"{operators}/nodes")) < channels:
        if time.monotonic() > deadline:
            raise TimeoutError("the gateway has not heard of every call")
        time.sleep(0.2)


def measure_events(
    fleet: SimulatedFleet, process: Process, rate: int, seconds: float, idle: dict[str, float]
) -> dict:
    """One client while things happen at a steady rate."""
    listener = fleet.listen()
    fleet.happen(1000, 0.5)  # what is done once
    settled(listener, 500)
    listener.say("reset")

    def happen() -> tuple[dict, dict]:
        done = fleet.happen(rate, seconds)
        return done, settled(listener, done["told"], timeout=5)

    (done, received), spent, elapsed = used(process, happen)
    fleet.end(listener)
    return {
        "rate": rate, "offered": done["told"], "achieved": done["told"] / done["seconds"], **received,
        "cost": beyond_idle(spent, elapsed, idle, received["received"]), "cores": sum(spent.values()) / elapsed,
    }


def measure_requests(
    fleet: SimulatedFleet, process: Process, nodes: int, calls: int, seconds: float, idle: dict[str, float]
) -> dict:
    """wrk reads random channels: on one connection for the cost, on 16 for the rate.

    On 16, requests to the same node leave together, which happens the more often the fewer nodes there are.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(ASK.format(nodes=nodes, calls=calls, epoch=EPOCH))
        script.flush()
        command = [
            "wrk", "-t1", "--latency", "-s", script.name, "-H", f"Authorization: {fleet.authorization}",
            f"http://127.0.0.1:{fleet.port}/",
        ]

        def ask(connections: int, seconds: float) -> str:
            bounds = [f"-c{connections}", f"-d{seconds:g}s"]
            done = subprocess.run([*command, *bounds], capture_output=True, text=True, timeout=seconds + 30)
            if done.returncode != 0 or "Non-2xx" in done.stdout:
                raise RuntimeError(f"wrk: {done.stdout}{done.stderr}")
            return done.stdout

        ask(16, 1)  # the connections to the nodes are made
        alone, spent, elapsed = used(process, lambda: ask(1, seconds))
        together, spent_together, _ = used(process, lambda: ask(16, seconds))
    return {
        "cost": beyond_idle(spent, elapsed, idle, answered(alone)),
        "cost_together": beyond_idle(spent_together, seconds, idle, answered(together)),
        "rate": answered(together) / seconds,
        "latency": re.findall(r"^\s+(50|99)%\s+(\S+)\s*$", together, re.MULTILINE),
    }


def answered(said: str) -> int:
    """How many requests wrk has made."""
    return int(re.search(r"(\d+) requests in", said)[1])


def measure_path(nodes: int, calls: int, seconds: float) -> list[dict]:
    """Events at rising rates, until one is not sustained."""
    path = []
    with SimulatedFleet(nodes) as fleet:
        process = Process(fleet.gateway.process.pid)
        fleet.register()
        fleet.call(calls, rate=10_000)
        until_listed(fleet, nodes * calls)
        for rate in RATES:
            step = measure_events(fleet, process, rate, seconds, {"agents": 0, "gateway": 0})
            path.append(step)
            print(
                f"  {rate} events/s: {step['achieved']:.0f} achieved, {step['received']} of {step['offered']} "
                f"received, median {step['median']:.2f} ms, p99 {step['p99']:.2f} ms",
                flush=True,
            )
            if not is_sustained(step):
                break
    return path


def is_sustained(step: dict) -> bool:
    return (
        step["received"] == step["offered"] and step["achieved"] > 0.97 * step["rate"] and step["p99"] < LATE
        and step["lost"] == step["repeated"] == 0
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--calls", type=int, default=CALLS, help="calls on each node")
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    print("the event path", flush=True)
    path = measure_path(sizes[0], options.calls, options.seconds)
    print("sizes of the fleet", flush=True)
    fleets = [measure_size(size, options.calls, options.seconds) for size in sizes]
    save({"cores": os.cpu_count(), "calls": options.calls, "path": path, "fleets": fleets})


def save(results: dict) -> None:
    path = report.table(
        ["events/s", "received", "median delay, ms", "p99, ms", "gateway, us of CPU per event", "agents' links, us"],
        [
            [
                f"{step['rate']:,}", "all" if is_sustained(step) else f"{step['received'] / step['offered']:.1%}, late",
                f"{step['median']:.2f}", f"{step['p99']:.2f}", f"{step['cost']['gateway']:.1f}",
                f"{step['cost']['agents']:.1f}",
            ]
            for step in results["path"]
        ],
    )
    sizes = report.table(
        [
            "nodes", "channels", "bytes per idle channel", "us of CPU per event", "us of CPU per request",
            "requests/s on 16 connections", "start, s",
        ],
        [
            [
                fleet["nodes"], f"{fleet['channels']:,}", f"{fleet['bytes_per_channel']:.0f}",
                f"{fleet['events']['cost']['gateway']:.1f}", f"{fleet['requests']['cost']['gateway']:.1f}",
                f"{fleet['requests']['rate']:,.0f}", f"{fleet['started']:.1f}",
            ]
            for fleet in results["fleets"]
        ],
    )
    report.save("large-fleet", results, f"{path}\n\n{sizes}\n")


if __name__ == "__main__":
    main()
