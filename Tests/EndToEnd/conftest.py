"""The fleet and the phones that the tests share."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fleet import Fleet
from network import Network, network
from phone import Phone

SHARED_OFFSET = int(os.environ.get("ASTERISM_E2E_PORT_OFFSET", "20000"))
OWN_OFFSET = SHARED_OFFSET + 4000
LISTENING_OFFSET = SHARED_OFFSET - 2000

TONES = (400.0, 540.0, 730.0, 985.0, 1330.0, 1790.0)
"""Each well away from the others and from their harmonics."""

ORDER = (
    "first_call", "edge_hostile", "conference", "gateway", "operator", "drain", "scale", "node_loss", "listen",
    "lifecycle", "demo", "faults_under_load",
)
"""What everything rests on comes first; what breaks things, or needs a fleet of its own, comes last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    subjects = [f"test_{subject}" for subject in ORDER]
    items.sort(key=lambda item: subjects.index(item.path.stem) if item.path.stem in subjects else len(subjects))


@pytest.fixture(scope="session")
def shared_fleet() -> Iterator[Fleet]:
    """Two nodes, started once."""
    yield from _running("asterism-e2e-", SHARED_OFFSET)


@pytest.fixture
def fleet(request: pytest.FixtureRequest, shared_fleet: Fleet) -> Iterator[Fleet]:
    """The shared fleet with two nodes up and no call, both before the test and after it."""
    shared_fleet.settled(2)
    yield shared_fleet
    try:
        if not request.node.stash.get(FAILED, False):
            shared_fleet.empty()
    finally:
        shared_fleet.clear()
        if shared_fleet.left_on_nodes():  # what comes back after it was removed goes with the whole fleet
            shared_fleet.stop()
            shared_fleet.start()


@pytest.fixture
def own_fleet() -> Iterator[Fleet]:
    """A fleet that is not started yet and that the test may treat as it likes."""
    state = Path(tempfile.mkdtemp(prefix="asterism-own-"))
    fleet = Fleet(state, OWN_OFFSET)
    yield fleet
    fleet.kill()
    fleet.sweep()
    shutil.rmtree(state, ignore_errors=True)


@pytest.fixture(scope="module")
def lan() -> Iterator[Network]:
    """A network with this machine and another one on it."""
    with network() as made:
        yield made


@pytest.fixture(scope="module")
def listening_fleet(lan: Network) -> Iterator[Fleet]:
    """Two nodes, open to the phones of a network."""
    yield from _running("asterism-listen-", LISTENING_OFFSET, "--listen", lan.interface)


@pytest.fixture
def phones(fleet: Fleet, tmp_path: Path) -> Iterator[Callable[[int], list[Phone]]]:
    """Makes registered phones, each with an account and a tone of its own; hangs up and closes them afterwards."""
    made: list[Phone] = []

    def make(count: int) -> list[Phone]:
        for index in range(len(made), len(made) + count):
            user = f"phone{index + 1}"
            fleet.add_subscriber(user, "secret")
            made.append(Phone(user, "secret", fleet.sip_port, hertz=TONES[index], folder=tmp_path).register())
        return made[-count:]

    yield make
    for phone in made:
        phone.close()


@pytest.fixture
def phone(phones: Callable[[int], list[Phone]]) -> Phone:
    """One registered phone."""
    return phones(1)[0]


TROUBLE = re.compile(r"WARNING|ERROR|ALERT|CRITICAL")
"""What is worth showing of an engine's log."""

FAILED = pytest.StashKey[bool]()
"""Whether a test has failed, which excuses it from cleaning up."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Adds what the fleet printed, and its state, to the report of a failed test."""
    report = yield
    fleet = getattr(item, "funcargs", {}).get("fleet") or getattr(item, "funcargs", {}).get("own_fleet")
    fleet = fleet or getattr(item, "funcargs", {}).get("cluster")
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    if report.failed and fleet:
        report.sections.append(("asterism up", "\n".join(fleet.output().splitlines()[-50:])))
        for log in sorted(fleet.state.glob("run/**/*.log")):
            troubles = [line for line in log.read_text(errors="replace").splitlines() if TROUBLE.search(line)]
            if troubles:
                report.sections.append((str(log.relative_to(fleet.state)), "\n".join(troubles[-8:])))
    return report


def _running(prefix: str, offset: int, *options: str) -> Iterator[Fleet]:
    state = Path(tempfile.mkdtemp(prefix=prefix))
    fleet = Fleet(state, offset)
    try:
        yield fleet.start(*options)
        fleet.stop()
    finally:
        fleet.kill()
        fleet.sweep()
        shutil.rmtree(state, ignore_errors=True)
