"""A draining node takes no new call and keeps those that it has."""

from collections.abc import Iterator

import pytest

from fleet import Fleet
from room import NUMBER, all_hear_each_other
from wait import until


@pytest.fixture
def draining(fleet: Fleet) -> Iterator[Fleet]:
    """Gives the node back whatever happens in the test."""
    yield fleet
    fleet.run("undrain", "ast1")


def test_new_calls_avoid_a_draining_node_and_old_ones_go_on(draining: Fleet, phones) -> None:
    fleet = draining
    anna, bert = phones(2)
    old = [fleet.call_on("ast1", anna, NUMBER), fleet.call_on("ast2", bert, NUMBER)]
    all_hear_each_other(old)

    fleet.do("drain", "ast1")
    until(lambda: fleet.node("ast1").state == "draining", 5, "ast1 to say that it drains")
    assert {fleet.node_of(bert.call("9999").hang_up()) for _ in range(6)} == {"ast2"}
    all_hear_each_other(old)

    fleet.do("undrain", "ast1")
    until(lambda: fleet.node("ast1").state == "up", 5, "ast1 to be up again")
    until(lambda: fleet.node_of(bert.call("9999").hang_up()) == "ast1", 10, "a call on ast1 again")
    all_hear_each_other(old)


def test_requests_that_need_a_node_avoid_a_draining_one(draining: Fleet) -> None:
    fleet = draining
    fleet.do("drain", "ast1")
    until(lambda: fleet.node("ast1").state == "draining", 5, "ast1 to say that it drains")
    for _ in range(4):
        answer = fleet.ari("POST", "channels", params={"endpoint": "Local/9999@default", "extension": "9999"})
        assert answer.status_code == 200, answer.text
        assert answer.json()["id"].startswith("ast2-")
        fleet.ari("DELETE", f"channels/{answer.json()['id']}")
