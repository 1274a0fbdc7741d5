#!/usr/bin/env python3
"""Measures a real fleet on this machine: call set-up rate, processor time per call, and the delay of a room.

Writes benchmarks/results/<time>.json and the tables of docs/performance.md next to it as Markdown.
"""

import dataclasses
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests" / "EndToEnd"))

import cpu  # noqa: E402
import report  # noqa: E402
import sound  # noqa: E402
from fleet import Fleet  # noqa: E402
from load import HOLD, PASSWORD, USER, highest_rate, offer  # noqa: E402
from phone import Phone  # noqa: E402
from room import NUMBER, seconds_to_hear  # noqa: E402

PORT_OFFSET = 16000

NUMBERS = {"9999": "dialplan greeting", "8001": "application tts"}
"""What is called: a number that Asterisk answers by itself, and one that an application answers over ARI."""

STEPS = [20, 40, 60, 80, 100, 130, 160, 200, 250, 300, 350]
STEP_SECONDS = 3

CPU_RATE = 10
CPU_SECONDS = 10
IDLE_SECONDS = 4

ROOM_CALLS = 6

SIZES = (1, 2, 3)


def measure_rates(fleet: Fleet) -> list[dict]:
    """The highest rate carried, for each size of the fleet and each number."""
    rates = []
    for size in SIZES:
        fleet.scale(size)
        for number in NUMBERS:
            print(f"  {size} nodes, {number}", flush=True)
            loads = highest_rate(fleet.sip_port, number, STEPS, STEP_SECONDS)
            recover(fleet)
            carried = [load for load in loads if load.is_carried]
            rates.append({
                "nodes": size, "number": number, "rate": carried[-1].rate if carried else 0,
                "median_setup": carried[-1].median_setup if carried else None,
                "steps": [dataclasses.asdict(load) for load in loads],
            })
    return rates


def recover(fleet: Fleet) -> None:
    """Empties the nodes of the calls that an overload has left without their caller."""
    try:
        fleet.empty(timeout=5)
    except TimeoutError:
        fleet.clear()
        fleet.empty(timeout=20)


def measure_cpu(fleet: Fleet) -> list[dict]:
    """Processor seconds per call of each program, beyond what it uses when idle."""
    fleet.scale(2)
    supervisor = fleet.process.pid
    start = cpu.seconds(supervisor)
    time.sleep(IDLE_SECONDS)
    idle = {name: (used - start[name]) / IDLE_SECONDS for name, used in cpu.seconds(supervisor).items()}
    costs = []
    for number in NUMBERS:
        before, begun = cpu.seconds(supervisor), time.monotonic()
        load = offer(fleet.sip_port, number, CPU_RATE, CPU_SECONDS)
        elapsed, after = time.monotonic() - begun, cpu.seconds(supervisor)
        answered = max(1, load.calls - load.failed)
        per_call = {name: (after[name] - before[name] - idle[name] * elapsed) / answered for name in cpu.PROGRAMS}
        shown = ", ".join(f"{name} {1000 * used:.1f} ms" for name, used in per_call.items())
        print(f"  {number}: {shown}", flush=True)
        costs.append({"number": number, "calls": answered, "per_call": per_call, "idle": idle})
        recover(fleet)
    return costs


def measure_room(fleet: Fleet, folder: Path) -> list[dict]:
    """Seconds from the answer of the later caller until each hears the other, on one node and on two."""
    sound.WINDOW = 0.02  # a finer clock than the tests need; both tones are well apart even so
    for user in ("anna", "bert"):
        fleet.add_subscriber(user, "secret")
    anna = Phone("anna", "secret", fleet.sip_port, hertz=600, folder=folder).register()
    bert = Phone("bert", "secret", fleet.sip_port, hertz=1500, folder=folder).register()
    delays = []
    for where, nodes in (("one node", ("ast1", "ast1")), ("two nodes", ("ast1", "ast2"))):
        early, late = [], []
        for _ in range(ROOM_CALLS):
            first, second = fleet.call_on(nodes[0], anna, NUMBER), fleet.call_on(nodes[1], bert, NUMBER)
            late.append(seconds_to_hear(second, first))
            early.append(seconds_to_hear(first, second))
            anna.hang_up()
            bert.hang_up()
            fleet.empty()
        delays.append({"where": where, "newcomer_hears": late, "others_hear_newcomer": early})
        print(f"  {where}: {1000 * statistics.median(late):.0f} ms (median)", flush=True)
    anna.close()
    bert.close()
    return delays


def main() -> None:
    state = Path(tempfile.mkdtemp(prefix="asterism-bench-"))
    fleet = Fleet(state, PORT_OFFSET)
    begun = time.monotonic()
    try:
        print("starting a fleet", flush=True)
        fleet.start()
        fleet.add_subscriber(USER, PASSWORD)
        results = {"machine": machine(), "hold": HOLD, "numbers": NUMBERS}
        print("room: from answer to hearing the other side", flush=True)
        results["room"] = measure_room(fleet, state)
        print("processor time per call", flush=True)
        results["cpu"] = measure_cpu(fleet)
        print("calls set up per second", flush=True)
        results["rates"] = measure_rates(fleet)
        results["seconds"] = round(time.monotonic() - begun)
        report.save("fleet", results, report.markdown(results))
    finally:
        if fleet.process:
            fleet.stop()
            fleet.sweep()
        shutil.rmtree(state, ignore_errors=True)


def machine() -> dict:
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.machine(),
    )
    return {"processor": model, "cores": os.cpu_count(), "system": platform.platform()}


if __name__ == "__main__":
    main()
