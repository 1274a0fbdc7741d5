"""What the tests of faults share: their cluster, their phones, and where their figures go."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cluster import Cluster
from conftest import OWN_OFFSET, TONES
from phone import Phone
from wait import until

RESULTS = os.environ.get("ASTERISM_RELIABILITY_RESULTS")
"""The file that gets the figures, as JSON; none if not set."""


def note(subject: str, figures: dict) -> None:
    """Prints figures and adds them to the results."""
    print(f"{subject}: {json.dumps(figures)}")
    if not RESULTS:
        return
    path = Path(RESULTS)
    path.parent.mkdir(parents=True, exist_ok=True)
    results = json.loads(path.read_text()) if path.exists() else {}
    results.setdefault(subject, []).append(figures)
    path.write_text(json.dumps(results, indent=1) + "\n")


def running_cluster(nodes: int = 2) -> Iterator[Cluster]:
    """A cluster of its own, for as long as the caller iterates."""
    state = Path(tempfile.mkdtemp(prefix="asterism-cluster-"))
    cluster = Cluster(state, OWN_OFFSET, nodes)
    try:
        cluster.start()
        until(lambda: cluster.gateways_are_ready(), 60, "both gateways to be ready", interval=0.2)
        yield cluster
    finally:
        try:
            cluster.stop()
        finally:
            cluster.kill()
            cluster.sweep()
            shutil.rmtree(state, ignore_errors=True)


def phones(cluster: Cluster, folder: Path, count: int) -> list[Phone]:
    """Registered phones, each with an account and a tone of its own."""
    made = []
    for index in range(count):
        user = f"phone{index + 1}"
        cluster.add_subscriber(user, "secret")
        phone = Phone(user, "secret", cluster.sip_port, hertz=TONES[index], folder=folder)
        made.append(phone.register())
    return made
