"""deploy/compose.yaml with real containers: the first calls, more nodes, a killed node, a partition, and nothing left.

In this order: each test takes the stack as the one before left it, and starts what that stopped.
"""

import signal
from pathlib import Path

from phone import Call, Phone
from room import all_hear_each_other
from speech import connected_to
from stack import Stack
from wait import until

RETURNS = 60
"""Seconds within which a node whose container was killed must take calls again."""

NOTICED = 30
"""Seconds within which calls must avoid a node that nobody reaches, or find one that is back."""


def answered(phone: Phone, number: str) -> Call:
    """Dials until somebody answers: routes and nodes take a moment to reach the edge."""
    def attempt() -> Call | None:
        call = phone.dial(number)
        until(lambda: call.answered_at or call.ended_at, 15, f"an outcome of the call to {number}")
        return call.answered() if call.is_up else None

    return until(attempt, NOTICED, f"an answer to {number}", interval=0.5, strict=True)


def nodes_reached(stack: Stack, phone: Phone, calls: int) -> list[str]:
    """The nodes that so many calls, one after the other, end up on; every one must be answered."""
    reached = []
    for _ in range(calls):
        call = phone.call("8001")
        try:
            (listed,) = until(lambda: len(calls := stack.calls()) == 1 and calls, 5, "the call in the operator's list")
            reached.append(listed["node"])
        finally:
            call.hang_up()
            until(lambda: not stack.calls(), 10, "the end of the call")
    return reached


def test_two_nodes_come_up_and_8001_names_one_of_them(running: Stack, phone: Phone) -> None:
    call = answered(phone, "8001")
    nicknames = [node["nickname"] for node in running.nodes().values()]
    assert len(set(nicknames)) == 2
    heard = until(lambda: connected_to(call.heard(), nicknames), 25, "the sentence", interval=0.5)
    [reached] = [each["node"] for each in running.calls()]
    assert heard[0] == running.nodes()[reached]["nickname"]


def test_two_phones_hear_each_other_in_7001_across_nodes(running: Stack, phones) -> None:
    anna, bert = phones(2)
    first = answered(anna, "7001")

    def across() -> Call | None:
        """Calls once more: each node takes calls in its turn."""
        bert.hang_up()
        until(lambda: len(running.calls()) == 1, 10, "the first call alone")
        second = answered(bert, "7001")
        calls = until(lambda: len(calls := running.calls()) == 2 and calls, 10, "two calls")
        return second if len({each["node"] for each in calls}) == 2 else None

    second = until(across, NOTICED, "a second call on another node")
    all_hear_each_other([first, second], timeout=10)


def test_everything_runs_without_privileges(running: Stack) -> None:
    roles = ("asterisk", "kamailio", "gateway", "auth", "applicationd", "websocketd", "front", "tts", "conference")
    for service in roles:
        for container in running.containers(service):
            assert running.podman("exec", container.name, "id", "-u").strip() == "5060"


def test_a_third_node_takes_calls(running: Stack, phone: Phone) -> None:
    running.up(asterisk=3)
    nodes = running.settled(3)
    assert set(nodes) == {"ast1", "ast2", "ast3"}
    until(lambda: set(nodes_reached(running, phone, 3)) == set(nodes), NOTICED, "calls on all three", strict=True)


def test_scaling_back_removes_the_third_and_calls_avoid_it(running: Stack, phone: Phone) -> None:
    nodes = running.nodes()
    assert set(map(running.container_of, nodes.values())) == set(running.containers("asterisk"))
    until(lambda: set(nodes_reached(running, phone, 4)) == set(nodes), NOTICED, "calls on both", strict=True)


def test_a_killed_node_returns_with_another_address_and_takes_calls(running: Stack, phone: Phone) -> None:
    before = {container.id: container for container in running.containers("asterisk")}
    killed = next(iter(before.values()))
    running.podman.signal(killed.name, signal.SIGKILL)

    def returned() -> bool:
        now = {container.id: container for container in running.containers("asterisk")}
        return killed.id in now and now[killed.id].started != killed.started

    until(returned, 30, "the container's return", interval=0.5)
    addresses = {container.address for container in running.containers("asterisk")}

    def hosts() -> list[str]:
        return sorted(node["sip"].rpartition(":")[0] for node in running.taking_calls().values())

    # Not by their number: the killed one counts until its loss is noticed.
    until(
        lambda: hosts() == sorted(addresses), RETURNS, lambda: f"nodes at {addresses}; they are at {hosts()}",
        interval=0.5, strict=True,
    )
    nodes = running.settled(2)
    until(lambda: set(nodes_reached(running, phone, 2)) == set(nodes), NOTICED, "calls on both", strict=True)


def test_calls_avoid_a_node_that_is_cut_off_and_find_it_again(running: Stack, phone: Phone) -> None:
    name, node = next(iter(running.nodes().items()))
    container = running.container_of(node)
    # With its address, as a cable that is pulled and put back: a new address is what a new container has.
    running.podman("network", "disconnect", running.network, container.name)
    others = set(running.nodes()) - {name}
    until(
        lambda: set(running.taking_calls()) == others, NOTICED, "the node's loss to be noticed", interval=0.5,
        strict=True,
    )
    assert set(nodes_reached(running, phone, 4)) == others

    running.podman(
        "network", "connect", "--alias=asterisk", f"--ip={container.address}", running.network, container.name
    )
    nodes = running.settled(2, timeout=RETURNS)
    until(lambda: set(nodes_reached(running, phone, 2)) == set(nodes), NOTICED, "calls on both", strict=True)


def test_down_leaves_nothing(running: Stack) -> None:
    running.down()
    until(lambda: running.podman.left() == [], 5, lambda: f"nothing left; there is {running.podman.left()}")
    running.podman.stop()
    assert str(running.podman.folder) not in Path("/proc/self/mounts").read_text()
    assert not running.podman.folder.exists()
