#!/usr/bin/env python3
"""Measures how many tokens a second the auth service validates, beside how often it answers /status.

    benchmarks/auth.py [--seconds 5] [--connections 8] [--bin .build/release/asterism]

A validation is GET /0.1/token/<token>?scope=...: one look into the store and a comparison with the token's ACL. /status
looks at nothing, so what it manages is the bound of the server itself. Both are asked by the same program, in turns.
The service is started alone on a fresh SQLite file, with a registry and a bus that are not there, which it does not
need for this.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import report
from applicationd import ask, basic, measure

HERE = Path(__file__).resolve().parent
ROUNDS = 3
PASSWORD = "of the benchmark"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(binary: str, folder: str, port: int) -> subprocess.Popen:
    away = free_port()
    process = subprocess.Popen(
        [
            binary, "auth", "--port", str(port), "--database", f"{folder}/auth.sqlite", "--state-dir", folder,
            "--consul", f"http://127.0.0.1:{away}", "--broker", f"amqp://127.0.0.1:{away}", "--log-level", "critical",
        ],
        env={**os.environ, "ASTERISM_AUTH_ADMIN_PASSWORD": PASSWORD},
    )
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return process
        except OSError:
            time.sleep(0.1)
    process.kill()
    sys.exit("the auth service did not start")


def status_path(port: int) -> str:
    """The path to compare with: /status/live answers 200 whatever else is away."""
    path = "/status/live"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        assert answer.status == 200
    return path


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--connections", type=int, default=8)
    options.add_argument("--bin", default=os.environ.get("ASTERISM_BIN", str(HERE.parent / ".build/release/asterism")))
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="asterism-bench-auth-") as folder:
        port = free_port()
        process = start(given.bin, folder, port)
        try:
            login = {"Authorization": basic("admin", PASSWORD)}
            token = ask("POST", f"http://127.0.0.1:{port}/0.1/token", login, {})["data"]["token"]
            paths = {
                "validations": f"/0.1/token/{token}?scope=events.applications.x.calls.created",
                "status": status_path(port),
            }
            rounds: dict[str, list[dict]] = {name: [] for name in paths}
            for _ in range(ROUNDS):
                for name, path in paths.items():
                    rounds[name].append(measure(port, path, {}, given.seconds, given.connections))
        finally:
            process.terminate()
            process.wait(10)
    save({"connections": given.connections, "seconds": given.seconds, "rounds": rounds})


def save(results: dict) -> None:
    middle = {
        name: {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
        for name, rounds in results["rounds"].items()
    }
    rows = [
        [name, f"{each['rate']:.0f}", f"{1000 * each['median']:.2f}", f"{1000 * each['p99']:.2f}"]
        for name, each in middle.items()
    ]
    text = report.table(["asked", "requests/s", "median, ms", "p99, ms"], rows)
    share = middle["validations"]["rate"] / middle["status"]["rate"]
    connections = results["connections"]
    text += f"\n\nTokens are validated {share:.2f} times as often as /status answers, on {connections} connections.\n"
    report.save("auth", results, text)


if __name__ == "__main__":
    main()
