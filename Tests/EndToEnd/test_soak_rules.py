"""The rules by which a soak is judged: that they see what they are there to see."""

import pytest

from soak.invariants import unpaired
from soak.memory import Growth
from soak.tally import SHADOW, Fault, Loss


def event(kind: str, channel: str = "a") -> dict:
    return {"type": kind, "channel": {"id": channel}}


@pytest.mark.parametrize(
    ("events", "wrong"),
    [
        ([], 0),
        ([event("StasisStart"), event("ChannelVarset"), event("StasisEnd")], 0),
        ([event("StasisStart"), event("StasisEnd")] * 2, 0),
        ([event("StasisStart")], 1),
        ([event("StasisStart"), event("StasisEnd", "b")], 2),
        ([event("StasisStart"), event("StasisStart"), event("StasisEnd"), event("StasisEnd")], 1),
        ([event("StasisStart"), event("StasisEnd"), event("StasisEnd")], 1),
    ],
)
def test_what_an_application_heard_is_paired(events: list[dict], wrong: int) -> None:
    assert len(unpaired(events)) == wrong


@pytest.mark.parametrize(
    ("part", "number", "begun", "ended", "is_excused"),
    [
        ("rabbitmq", "8001", 5, 15, True),
        ("rabbitmq", "8001", 20 + SHADOW, 25 + SHADOW, True),
        ("rabbitmq", "8001", 21 + SHADOW, 25 + SHADOW, False),
        ("rabbitmq", "8001", 1, 9, False),
        ("rabbitmq", "9999", 12, 15, False),
        ("kamailio", "9999", 12, 15, True),
        ("ast2", "9999", 12, 15, True),
    ],
)
def test_a_fault_excuses_what_it_can_have_caused(
    part: str, number: str, begun: float, ended: float, is_excused: bool
) -> None:
    assert Fault(part, begun=10, over=20).excuses(Loss(number, begun, ended, "")) is is_excused


@pytest.mark.parametrize(
    ("first", "last", "is_flat"), [(50, 50, True), (50, 58, True), (50, 59, False), (300, 329, True), (300, 331, False)]
)
def test_memory_is_flat_within_bounds(first: float, last: float, is_flat: bool) -> None:
    assert Growth("gateway-1", 60, first, last).is_flat is is_flat
