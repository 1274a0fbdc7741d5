"""The fleet and the phones that the tests share."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fleet import CLUSTER, Fleet
from network import Network, network
from phone import Call, Phone
from room import NUMBER, all_hear_each_other, settled_with_legs
from wait import until

# With these every TCP port (9502 is the highest) is below those that Linux hands out to clients, 32768 and above.
SHARED_OFFSET = int(os.environ.get("ASTERISM_E2E_PORT_OFFSET", "20000"))
OWN_OFFSET = SHARED_OFFSET + 3000
LISTENING_OFFSET = SHARED_OFFSET - 2000

TONES = (400.0, 540.0, 730.0, 985.0, 1330.0, 1790.0)
"""Each well away from the others and from their harmonics."""

ORDER = (
    "first_call", "edge_hostile", "conference", "fleet_bridges", "gateway", "gateway_hostile", "events", "workers",
    "across_nodes", "move", "one_ari", "ari_clients", "wazo", "websocketd_hostile", "clients", "documents",
    "monitoring", "operator", "drain", "scale", "node_loss", "listen", "simulated_fleet", "lifecycle", "demo",
    "applicationd_twins", "faults", "outages", "soak",
)
"""What everything rests on comes first; what breaks things, or needs a fleet of its own, comes last."""


# Faults hit what a fleet of one process does not have. Descriptions, clients, and what edge, gateway and websocketd
# make of nonsense are the same in a cluster; simulated nodes have no part of one.
collect_ignore = (
    [
        "test_documents.py", "test_clients.py", "test_edge_hostile.py", "test_gateway_hostile.py",
        "test_websocketd_hostile.py", "test_simulated_fleet.py",
    ] if CLUSTER
    else ["test_faults.py", "test_outages.py", "test_applicationd_twins.py"]
)
if CLUSTER and "ASTERISM_SOAK_MINUTES" not in os.environ:
    collect_ignore.append("test_soak.py")  # with parts being killed it is `make soak`


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
def tried_fleet() -> Iterator[Fleet]:
    """Two nodes for tests that leave behind whatever they happen to make."""
    yield from _running("asterism-tried-", OWN_OFFSET)


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
def phones(fleet: Fleet, tmp_path: Path) -> Iterator[Callable[..., list[Phone]]]:
    """Makes registered phones, each with an account and a tone of its own; hangs up and closes them afterwards."""
    made: list[Phone] = []

    def make(count: int, **options) -> list[Phone]:
        for index in range(len(made), len(made) + count):
            user = f"phone{index + 1}"
            fleet.add_subscriber(user, "secret")
            hertz = TONES[index % len(TONES)]
            made.append(Phone(user, "secret", fleet.sip_port, hertz=hertz, folder=tmp_path, **options).register())
        return made[-count:]

    yield make
    for phone in made:
        phone.close()


@pytest.fixture
def phone(phones: Callable[..., list[Phone]]) -> Phone:
    """One registered phone."""
    return phones(1)[0]


@pytest.fixture(scope="module")
def conference(shared_fleet: Fleet, tmp_path_factory) -> Iterator[tuple[Call, Call]]:
    """Two callers on two nodes, in one room for as long as a module lasts that breaks other things meanwhile."""
    shared_fleet.settled(2)
    folder = tmp_path_factory.mktemp("conference")
    phones = [_phone(shared_fleet, user, hertz, folder) for user, hertz in (("anna", 400.0), ("bert", 985.0))]
    calls = (shared_fleet.call_on("ast1", phones[0], NUMBER), shared_fleet.call_on("ast2", phones[1], NUMBER))
    all_hear_each_other(list(calls))
    settled_with_legs(shared_fleet, ["ast2"])
    yield calls
    for phone in phones:
        phone.close()


@pytest.fixture
def caller(shared_fleet: Fleet, tmp_path: Path) -> Iterator[Phone]:
    """A phone beside the conference."""
    phone = _phone(shared_fleet, "carl", 730.0, tmp_path)
    yield phone
    phone.close()


def _phone(fleet: Fleet, user: str, hertz: float, folder: Path) -> Phone:
    # The test before may have taken Consul away.
    until(lambda: fleet.add_subscriber(user, "secret") or True, 10, f"the account of {user}", interval=0.3)
    return Phone(user, "secret", fleet.sip_port, hertz=hertz, folder=folder).register()


TROUBLE = re.compile(r"WARNING|ERROR|ALERT|CRITICAL")
"""What is worth showing of an engine's log."""

FAILED = pytest.StashKey[bool]()
"""Whether a test has failed, which excuses it from cleaning up."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Adds what the fleet printed, and its state, to the report of a failed test."""
    report = yield
    fleet = getattr(item, "funcargs", {}).get("fleet") or getattr(item, "funcargs", {}).get("own_fleet")
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
