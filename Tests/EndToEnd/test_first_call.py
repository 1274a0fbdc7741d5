"""A newcomer's first calls: which Asterisk is this, the greeting, a route of one's own, and a call to the phone."""

import pytest

from ari_application import Application
from fleet import Fleet
from phone import Call, Phone
from room import all_hear_each_other
from speech import connected_to
from wait import until


def names_heard(call: Call, names: list[str], sentences: int = 1) -> list[str]:
    """The names in the first sentences that a caller of 8001 hears."""
    return until(
        lambda: len(heard := connected_to(call.heard(), names)) >= sentences and heard, 8 + 7 * sentences,
        f"{call.phone.user} hearing {sentences} sentences", interval=0.5,
    )


def test_calls_to_8001_reach_both_nodes_and_name_the_node_that_they_are_on(fleet: Fleet, phones) -> None:
    nodes = fleet.nodes()
    calls = [fleet.call_on(name, phone, "8001") for phone in phones(2) for name in nodes]
    assert len({node.nickname for node in nodes.values()}) == 2, "every node has a name of its own"

    nicknames = [node.nickname for node in nodes.values()]
    heard = [names_heard(call, nicknames)[0] for call in calls]
    assert heard == nicknames * 2

    def reported() -> list[str]:
        return sorted(call["node"] for call in fleet.calls() if call["dialled"] == "8001")

    until(lambda: reported() == sorted([*nodes] * 2), 5, lambda: f"the operator to be told so; told is {reported()}")


def test_the_sentence_comes_again(fleet: Fleet, phone: Phone) -> None:
    call = phone.call("8001")
    nickname = fleet.node(fleet.node_of(call)).nickname
    assert names_heard(call, [node.nickname for node in fleet.nodes().values()], sentences=2) == [nickname] * 2


def test_9999_plays_a_greeting(phone: Phone) -> None:
    call = phone.call("9999")
    until(lambda: call.heard().seconds >= 4, 6, "four seconds of the greeting")
    assert call.heard().between(0, 4).loudness() > -40
    assert call.is_up


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_the_demo_account_works_over_udp_and_tcp(fleet: Fleet, transport: str) -> None:
    demo = Phone("demo", "demo", fleet.sip_port, transport=transport).register()
    try:
        call = demo.call("9999")
        assert call.is_up
        call.hang_up()
    finally:
        demo.close()


def test_a_route_added_by_command_is_reachable_and_gone_when_removed(fleet: Fleet, phone: Phone) -> None:
    application = next(route["application"] for route in fleet.json("routes", "list") if route["number"] == "8001")
    assert phone.dial("8017").refused() == 404
    fleet.do("routes", "add", "8017", application)
    call = until(lambda: answered_or_none(phone, "8017"), 5, "the new route")
    assert names_heard(call, [node.nickname for node in fleet.nodes().values()])
    fleet.do("routes", "remove", "8017")
    call.hang_up()
    until(lambda: phone.dial("8017").refused() == 404, 5, "the removal of the route")


def answered_or_none(phone: Phone, number: str) -> Call | None:
    call = phone.dial(number)
    until(lambda: call.answered_at or call.ended_at, 10, f"an outcome of the call to {number}")
    return call.answered() if call.is_up else None


def test_an_application_calls_two_registered_phones_and_they_talk(fleet: Fleet, phones) -> None:
    anna, bert = phones(2)
    with Application(fleet, "e2e-originate") as application:
        calls = []
        for phone in (anna, bert):
            wanted = {"endpoint": f"PJSIP/{phone.user}@edge", "app": "e2e-originate"}
            answer = fleet.ari("POST", "channels", params=wanted)
            assert answer.status_code == 200, answer.text
            ringing = phone.expect_call()
            assert not ringing.is_up
            calls.append(ringing.pick_up())
            application.started(answer.json()["id"])
        ids = [event["channel"]["id"] for event in application.events if event["type"] == "StasisStart"]
        bridge = fleet.ari("POST", "bridges", params={"type": "mixing"}).json()["id"]
        added = fleet.ari("POST", f"bridges/{bridge}/addChannel", params={"channel": ",".join(ids)})
        assert added.status_code == 204, added.text
        all_hear_each_other(calls)
        for channel in ids:
            assert fleet.ari("DELETE", f"channels/{channel}").status_code == 204
        for call in calls:
            call.ended()
        assert fleet.ari("DELETE", f"bridges/{bridge}").status_code in (204, 404)
