#!/usr/bin/env python3
"""Measures how soon two phones hear each other when an ARI application puts the second one into the first one's bridge.

    benchmarks/bridge.py [--rounds 20]

Each phone sends a tone. Counted from the request it is measured when its answer came, and by the recordings of both
phones when each heard the other: once with both calls on one node, and once on two, where a leg has to be made.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests" / "EndToEnd"))

import report  # noqa: E402
import sound  # noqa: E402
from ari_application import Application  # noqa: E402
from fleet import Fleet  # noqa: E402
from party import Party  # noqa: E402
from phone import Phone  # noqa: E402

PORT_OFFSET = 16000
NAME = "bench-bridge"
PLACES = {"one node": ("ast1", "ast1"), "two nodes": ("ast1", "ast2")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--port-offset", type=int, default=PORT_OFFSET)
    options = parser.parse_args()
    sound.WINDOW = 0.02  # a finer clock than the tests need; both tones are well apart even so
    state = Path(tempfile.mkdtemp(prefix="asterism-bench-"))
    fleet = Fleet(state, options.port_offset)
    try:
        print("starting a fleet", flush=True)
        fleet.start()
        with Application(fleet, NAME) as application:
            phones = [phone(fleet, user, hertz, state) for user, hertz in (("anna", 600.0), ("bert", 1500.0))]
            results = [
                {"where": where, "rounds": [measure(fleet, application, phones, nodes) for _ in range(options.rounds)]}
                for where, nodes in PLACES.items()
            ]
            for each in phones:
                each.close()
        report.save("bridge", {"results": results}, markdown(results))
    finally:
        if fleet.process:
            fleet.stop()
            fleet.sweep()
        shutil.rmtree(state, ignore_errors=True)


def phone(fleet: Fleet, user: str, hertz: float, folder: Path) -> Phone:
    fleet.add_subscriber(user, "secret")
    return Phone(user, "secret", fleet.sip_port, hertz=hertz, folder=folder).register()


def measure(fleet: Fleet, application: Application, phones: list[Phone], nodes: tuple[str, str]) -> dict:
    """Seconds from the request to its answer, and until each hears the other."""
    first, second = (Party(fleet, application, each, node) for each, node in zip(phones, nodes, strict=True))
    bridge = fleet.ari("POST", "bridges", params={"type": "mixing"}).json()["id"]
    add = f"bridges/{bridge}/addChannel"
    assert fleet.ari("POST", add, params={"channel": first.channel}).status_code == 204
    asked = time.monotonic()
    assert fleet.ari("POST", add, params={"channel": second.channel}).status_code == 204
    answered = time.monotonic()
    newcomer, other = (heard(listener, speaker, asked) for listener, speaker in ((second, first), (first, second)))
    fleet.ari("DELETE", f"bridges/{bridge}")
    for each in phones:
        each.hang_up()
    fleet.empty()
    return {"answered": answered - asked, "newcomer_hears": newcomer, "other_hears_newcomer": other}


def heard(listener: Party, speaker: Party, asked: float) -> float:
    start = asked - listener.call.answered_at
    return listener.call.first_heard(speaker.hertz, after=start) - start


def markdown(results: list[dict]) -> str:
    columns = {
        "answered": "the request is answered", "newcomer_hears": "the newcomer hears",
        "other_hears_newcomer": "the other hears the newcomer",
    }
    rows = [
        [each["where"]] + [
            cell for name in columns for cell in report.median_and_worst([one[name] for one in each["rounds"]])
        ]
        for each in results
    ]
    head = ["channels on", *(cell for text in columns.values() for cell in (f"{text} (median)", "worst"))]
    return "From `addChannel` on, in milliseconds:\n\n" + report.table(head, rows) + "\n"


if __name__ == "__main__":
    main()
