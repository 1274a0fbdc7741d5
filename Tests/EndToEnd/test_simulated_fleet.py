"""More nodes than a machine can run: fifty simulated Asterisks with real sockets before a real gateway."""

from collections.abc import Iterator

import pytest

from simulated_fleet import SimulatedFleet, settled
from wait import until

NODES, CALLS, RATE, SECONDS = 50, 20, 2000, 3


@pytest.fixture(scope="module")
def simulated() -> Iterator[SimulatedFleet]:
    with SimulatedFleet(NODES) as fleet:
        fleet.register()
        fleet.call(CALLS)
        yield fleet


def test_every_event_of_fifty_nodes_arrives_once_and_in_its_order(simulated: SimulatedFleet) -> None:
    listener = simulated.listen()
    done = simulated.happen(RATE, SECONDS)
    assert done["told"] == RATE * SECONDS
    report = settled(listener, done["told"])
    assert (report["received"], report["lost"], report["repeated"]) == (done["told"], 0, 0)
    assert simulated.end(listener) == 0


def test_a_request_reaches_the_node_that_has_the_channel(simulated: SimulatedFleet) -> None:
    for node in range(1, NODES + 1):
        channel = simulated.channel(node, 1 + node % CALLS)
        assert simulated.request("GET", f"/channels/{channel}")["id"] == channel
        value = simulated.request("GET", f"/channels/{channel}/variable?variable=SIMULATED_NODE")["value"]
        assert value == f"sim{node}"


def test_the_list_of_channels_has_those_of_all_nodes(simulated: SimulatedFleet) -> None:
    expected = {
        simulated.channel(node, number) for node in range(1, NODES + 1) for number in range(1, CALLS + 1)
    }
    assert sorted(each["id"] for each in simulated.request("GET", "/channels")) == sorted(expected)


def test_a_channel_that_hangs_up_is_gone_for_clients_at_once(simulated: SimulatedFleet) -> None:
    channel = simulated.channel(7, 3)
    listener = simulated.listen()
    simulated.request("DELETE", f"/channels/{channel}")
    assert simulated.asterisks.ask("held")["held"] == NODES * CALLS - 1
    assert channel not in {each["id"] for each in simulated.request("GET", "/channels")}
    # `StasisEnd` and `ChannelDestroyed`, which carry no mark.
    until(lambda: listener.ask("report")["others"] == 2, 5, "the farewell of the channel")
    simulated.end(listener)
