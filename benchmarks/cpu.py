"""Where processor time goes: /proc accounts of the fleet's processes, split by program."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests" / "EndToEnd"))

from processes import descendants  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")

PROGRAMS = ("Asterisk", "Kamailio", "asterism")


def seconds(supervisor: int) -> dict[str, float]:
    """Processor seconds used so far by each program of a fleet, children that have ended included."""
    used = dict.fromkeys(PROGRAMS, 0.0)
    used["asterism"] += _own(supervisor)
    for process in descendants(supervisor):
        words = process.command.lower()
        program = "Kamailio" if "kamailio" in words else "Asterisk" if "asterisk" in words else "asterism"
        used[program] += _own(process.pid)
    return used


def _own(pid: int) -> float:
    """User and system time of one process, and of its children that it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(field) for field in fields[11:15]) / TICKS
