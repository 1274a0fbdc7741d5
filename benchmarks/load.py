"""Load on the edge: SIPp places calls at a steady rate and tells how they went."""

import csv
import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SCENARIO = Path(__file__).parent / "scenarios" / "caller.xml"

USER, PASSWORD = "bench", "bench"

HOLD = 0.5
"""Seconds that an answered call lasts, unless told otherwise."""

SETUP_LIMIT = 0.5
"""Seconds of median set-up time beyond which callers would notice, and the rate counts as too high."""


@dataclass(frozen=True)
class Load:
    """What came of calls offered at one rate."""

    rate: float
    calls: int
    failed: int
    median_setup: float
    slowest_setup: float
    seconds: float
    hold: float = HOLD

    @property
    def is_carried(self) -> bool:
        """Whether all kept up: no call failed, nobody waited noticeably for the answer, and SIPp held the rate."""
        in_time = self.seconds < 1.1 * self.calls / self.rate + self.hold + 1
        return self.failed == 0 and self.median_setup < SETUP_LIMIT and in_time

    def __str__(self) -> str:
        outcome = f"{self.failed} failed" if self.failed else "all answered"
        return f"{self.rate:g} calls/s: {outcome}, set-up {self.median_setup * 1000:.0f} ms (median)"


def offer(edge_port: int, number: str, rate: float, seconds: float, hold: float = HOLD) -> Load:
    """Places `rate` calls a second to `number` for `seconds`, and waits until the last has ended by the caller's BYE.

    A call that the other side ends counts as failed.
    """
    with tempfile.TemporaryDirectory(prefix="asterism-sipp-") as folder:
        count = max(1, round(rate * seconds))
        port = 8200 + os.getpid() % 1500
        command = [
            "sipp", f"127.0.0.1:{edge_port}", "-sf", str(SCENARIO), "-s", number, "-au", USER, "-ap", PASSWORD,
            "-r", str(rate), "-m", str(count), "-l", str(count), "-d", str(int(hold * 1000)),
            "-i", "127.0.0.1", "-p", str(port), "-mp", "6000",
            "-nostdin", "-recv_timeout", "5000", "-timeout", f"{int(seconds + hold + 15)}s",
            "-trace_stat", "-stf", "statistics.csv", "-trace_rtt", "-rtt_freq", "1",
        ]
        begun = time.monotonic()
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return _outcome(Path(folder), rate, count, time.monotonic() - begun, hold)


def _outcome(folder: Path, rate: float, count: int, seconds: float, hold: float) -> Load:
    with (folder / "statistics.csv").open() as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    setups = []
    for path in folder.glob("*_rtt.csv"):
        setups += [float(line.split(";")[1]) / 1000 for line in path.read_text().splitlines()[1:] if ";" in line]
    answered = int(last["SuccessfulCall(C)"])
    median = statistics.median(setups) if setups else float("inf")
    return Load(rate, count, count - answered, median, max(setups, default=0), seconds, hold)


def highest_rate(edge_port: int, number: str, steps: list[float], seconds: float) -> list[Load]:
    """Raises the rate step by step until the fleet twice does not keep up; the last load carried is the answer."""
    loads = []
    for rate in steps:
        for _ in range(2):
            loads.append(offer(edge_port, number, rate, seconds))
            print(f"    {loads[-1]}", flush=True)
            if loads[-1].is_carried:
                break
        else:
            break
    return loads
