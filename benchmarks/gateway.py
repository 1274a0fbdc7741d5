#!/usr/bin/env python3
"""Measures the gateway beside nginx, both passing the same requests to the same Asterisk, and beside that Asterisk.

    benchmarks/gateway.py [--seconds 4] [--rounds 3]

The request reads a channel that is up. nginx keeps connections to Asterisk and puts the node's credentials in; the
gateway checks the client's and finds the node besides. wrk asks each in turns, on 1, 8, 32 and 64 connections.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests" / "EndToEnd"))

import report  # noqa: E402
from applicationd import ARI_PASSWORD, ARI_USER, ask, basic  # noqa: E402
from fleet import Fleet  # noqa: E402

PORT_OFFSET = 16000
NGINX_PORT = 8090 + PORT_OFFSET
CONNECTIONS = (1, 8, 32, 64)

NGINX = """
worker_processes auto;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream node {{ server {node}; keepalive 64; keepalive_timeout 10s; }}
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 1000000000;
        location / {{
            proxy_pass http://node;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Authorization "{authorization}";
        }}
    }}
}}
"""


def wrk(url: str, authorization: str, connections: int, seconds: float) -> dict:
    """One run of wrk: requests a second, and the median and the 99th percentile of the time to an answer in ms."""
    threads = min(2, connections)
    command = [
        "wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds:g}s", "--latency",
        "-H", f"Authorization: {authorization}", url,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30)
    said = done.stdout
    if done.returncode != 0 or "Non-2xx" in said or "Requests/sec" not in said:
        raise RuntimeError(f"wrk {url}: {said}{done.stderr}")
    times = {name: milliseconds(text) for name, text in re.findall(r"^\s+(50|99)%\s+(\S+)\s*$", said, re.MULTILINE)}
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
    return {"rate": rate, "median": times["50"], "p99": times["99"]}


def milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    state = Path(tempfile.mkdtemp(prefix="asterism-bench-"))
    fleet = Fleet(state, PORT_OFFSET, nodes=1)
    nginx = None
    try:
        node = fleet.start().node("ast1")
        config = state / "nginx.conf"
        config.write_text(
            NGINX.format(folder=state, node=node.ari, port=NGINX_PORT, authorization=basic(*node.credentials))
        )
        nginx = subprocess.Popen(["nginx", "-c", str(config), "-g", "daemon off;"], stderr=subprocess.DEVNULL)
        results = compare(fleet, node, options.seconds, options.rounds)
    finally:
        if nginx:
            nginx.terminate()
            nginx.wait()
        if fleet.process:
            fleet.stop()
            fleet.sweep()
        shutil.rmtree(state, ignore_errors=True)
    save(results)


def compare(fleet: Fleet, node, seconds: float, rounds: int) -> dict:
    own, client = basic(*node.credentials), basic(ARI_USER, ARI_PASSWORD)
    call = "bench-channel"
    # Registered without a socket, which would have to be read.
    ask("POST", f"{fleet.ari_url}/amqp/bench", {"Authorization": client})
    query = f"endpoint=Local/9999@default&app=bench&channelId={call}"
    ask("POST", f"{fleet.ari_url}/channels?{query}", {"Authorization": client})
    targets = {
        "Asterisk itself": (f"http://{node.ari}/ari/channels/{call}", own),
        "nginx": (f"http://127.0.0.1:{NGINX_PORT}/ari/channels/{call}", own),
        "gateway": (f"{fleet.ari_url}/channels/{call}", client),
    }
    found: dict[str, dict[str, list[dict]]] = {}
    for connections in CONNECTIONS:
        runs: dict[str, list[dict]] = {name: [] for name in targets}
        for _ in range(rounds):
            for name, (url, authorization) in targets.items():
                runs[name].append(wrk(url, authorization, connections, seconds))
                print(f"  {connections} connections, {name}: {runs[name][-1]['rate']:.0f} requests/s", flush=True)
        found[str(connections)] = runs
    return {"seconds": seconds, "runs": found, "at": time.time()}


def middle(runs: list[dict]) -> dict:
    return sorted(runs, key=lambda each: each["rate"])[len(runs) // 2]


def save(results: dict) -> None:
    rows = []
    for connections, runs in results["runs"].items():
        nginx = middle(runs["nginx"])
        for name, each in ((name, middle(these)) for name, these in runs.items()):
            rows.append([
                connections, name, f"{each['rate']:.0f}", f"{each['rate'] / nginx['rate']:.2f}",
                f"{each['median']:.2f}", f"{each['p99']:.2f}",
            ])
    text = report.table(
        ["connections", "asked", "requests/s", "of nginx", "median, ms", "p99, ms"], rows
    )
    report.save("gateway", results, text + "\n")


if __name__ == "__main__":
    main()
