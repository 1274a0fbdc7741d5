#!/usr/bin/env python3
"""Measures applicationd against the gateway below it: requests a second for the same operation on the same call.

    benchmarks/applicationd.py [--seconds 5] [--connections 8]

The operation is reading a channel variable of a call that is up: one request of applicationd's to the gateway, one of
the gateway's to the node. Both are asked by the same program, in turns, so that what else the machine does falls on
both.
"""

import argparse
import base64
import json
import multiprocessing
import shutil
import socket
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests" / "EndToEnd"))

import report  # noqa: E402
from fleet import Fleet  # noqa: E402

PORT_OFFSET = 16000
ROUNDS = 3
ARI_USER = ARI_PASSWORD = "wazo"


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def ask(method: str, url: str, headers: dict[str, str], body: object = None) -> object:
    """One request, outside what is measured."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or "null")


def count(port: int, request: bytes, seconds: float, results: multiprocessing.Queue) -> None:
    """Asks on one connection, one request after the other, and tells how often and how fast it was answered."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    times, end = [], time.monotonic() + seconds
    while (begun := time.monotonic()) < end:
        connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(65536)
        head, _, body = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        lines = head.lower().split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        while len(body) < length:
            body += connection.recv(65536)
        times.append(time.monotonic() - begun)
    results.put(times)


def measure(port: int, path: str, headers: dict[str, str], seconds: float, connections: int) -> dict:
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{name}: {text}" for name, text in headers.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    results: multiprocessing.Queue = multiprocessing.Queue()
    workers = [
        multiprocessing.Process(target=count, args=(port, request, seconds, results)) for _ in range(connections)
    ]
    for worker in workers:
        worker.start()
    times = sorted(each for _ in workers for each in results.get(timeout=seconds + 30))
    for worker in workers:
        worker.join()
    return {
        "rate": len(times) / seconds, "median": statistics.median(times), "p99": times[int(0.99 * (len(times) - 1))],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    state = Path(tempfile.mkdtemp(prefix="asterism-bench-"))
    fleet = Fleet(state, PORT_OFFSET)
    try:
        fleet.start()
        results = compare(fleet, options.seconds, options.connections)
    finally:
        if fleet.process:
            fleet.stop()
            fleet.sweep()
        shutil.rmtree(state, ignore_errors=True)
    save(results)


def compare(fleet: Fleet, seconds: float, connections: int) -> dict:
    gateway, applicationd = 8088 + fleet.port_offset, fleet.applicationd_port
    headers = {"X-Auth-Token": fleet.token()}
    application = ask("POST", f"{fleet.applicationd_url}/1.0/applications/bench", headers)["uuid"]
    url = f"{fleet.applicationd_url}/1.0/applications/{application}"
    call = ask("POST", f"{url}/calls", headers, {"exten": "9999", "context": "default"})["id"]
    ask("PUT", f"{url}/calls/{call}/variables/BENCH", headers, {"value": "x"})
    ari = {"Authorization": basic(ARI_USER, ARI_PASSWORD)}
    paths = {
        "gateway": (gateway, f"/ari/channels/{call}/variable?variable=BENCH", ari),
        "applicationd": (applicationd, f"/1.0/applications/{application}/calls/{call}/variables/BENCH", headers),
    }
    rounds: dict[str, list[dict]] = {name: [] for name in paths}
    for _ in range(ROUNDS):
        for name, (port, path, own) in paths.items():
            rounds[name].append(measure(port, path, own, seconds, connections))
            print(f"  {name}: {rounds[name][-1]['rate']:.0f} requests/s", flush=True)
    ask("DELETE", f"{url}/calls/{call}", headers)
    return {"connections": connections, "seconds": seconds, "rounds": rounds}


def save(results: dict) -> None:
    middle = {
        name: sorted(rounds, key=lambda each: each["rate"])[len(rounds) // 2]
        for name, rounds in results["rounds"].items()
    }
    share = middle["applicationd"]["rate"] / middle["gateway"]["rate"]
    rows = [
        [name, f"{each['rate']:.0f}", f"{1000 * each['median']:.1f}", f"{1000 * each['p99']:.1f}"]
        for name, each in middle.items()
    ]
    text = report.table(["asked", "requests/s", "median, ms", "p99, ms"], rows)
    connections = results["connections"]
    text += f"\n\napplicationd answers {share:.2f} times as many as the gateway, on {connections} connections.\n"
    report.save("applicationd", results, text)


if __name__ == "__main__":
    main()
