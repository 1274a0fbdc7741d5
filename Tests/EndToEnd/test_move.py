"""A live call goes on on another node: its caller, its application and its bridge keep it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from ari_application import Application
from fleet import LANDED, Fleet
from phone import Call, Phone
from room import NUMBER, all_hear_each_other, report, settled_with_legs
from wait import throughout, until

SILENCE = 1.0
"""Seconds for which a caller may hear nobody while the call moves."""

EMPTIED = 10.0
"""Seconds within which the sound of the calls that were moved from a node goes elsewhere."""

NAME, DIALLED = "e2e-move", "8077"

NEVER = {"replaces": 603, "refer": 603}
"""What a phone says that does not let its calls be moved."""


def move(fleet: Fleet, channel: str, node: str | None = None) -> requests.Response:
    """What the operators' API answers to the wish to move a call."""
    return requests.post(
        f"{fleet.gateway_url}/fleet/channels/{channel}/move", params={"node": node} if node else {},
        auth=fleet.operator(), timeout=15,
    )


@contextmanager
def listening(fleet: Fleet) -> Iterator[Application]:
    """An application with a number that leads to it."""
    fleet.do("routes", "add", DIALLED, NAME)
    try:
        with Application(fleet, NAME) as application:
            yield application
    finally:
        fleet.do("routes", "remove", DIALLED)


def arrived(application: Application, phone: Phone) -> tuple[Call, dict]:
    """A call that has come to the application, and its channel: dials until the number is known everywhere."""

    def attempt() -> tuple[Call, dict] | None:
        known, call = len(application.events), phone.dial(DIALLED)

        def channels() -> list[dict]:
            return [event["channel"] for event in application.events[known:] if event["type"] == "StasisStart"]

        until(lambda: call.ended_at or channels(), 5, "the call to arrive or to be refused")
        return (call, channels()[0]) if channels() else None

    return until(attempt, 10, f"{DIALLED} to lead to {NAME}", interval=0.2)


def taken(fleet: Fleet, application: Application, phone: Phone, node: str) -> tuple[Call, str]:
    """A call that has landed on `node` and that the application has answered, and its channel."""
    deadline = time.monotonic() + LANDED
    while time.monotonic() < deadline:
        call, channel = arrived(application, phone)
        if channel["id"].startswith(node):
            fleet.ari("POST", f"channels/{channel['id']}/answer")
            return call.answered(), channel["id"]
        fleet.ari("DELETE", f"channels/{channel['id']}")
        call.ended()
    raise AssertionError(f"no call of {phone.user} landed on {node}")


def silence(calls: list[Call], since: list[float]) -> float:
    """The longest time for which one of two callers did not hear the other, from these seconds of what they heard on.

    With one second only, it is the first caller's silence.
    """
    gaps = []
    for listener, speaker, start in zip(calls, reversed(calls), since):
        heard = listener.heard()
        gaps.append(heard.between(start - 0.5, heard.seconds).longest_gap(speaker.phone.hertz))
    return max(gaps)


def shortest_silence(fleet: Fleet, channel: str, calls: list[Call], since: list[float]) -> float:
    """The silence of the first caller's move to ast2, where he has `channel`; if that was too long, of more moves.

    A machine that stands still silences calls as well, but not at every move.
    """
    gaps = [silence(calls, since)]
    for node in ("ast1", "ast2"):
        if gaps[-1] <= SILENCE:
            break
        since = [call.heard().seconds for call in calls[: len(since)]]
        moved = move(fleet, channel, node)
        assert moved.status_code == 200, moved.text
        channel = moved.json()["channel"]
        until(lambda: fleet.node_of(calls[0]) == node, 5, f"the phone to send its sound to {node}")
        all_hear_each_other(calls)
        gaps.append(silence(calls, since))
    return min(gaps)


@pytest.fixture
def drained(fleet: Fleet) -> Iterator[str]:
    """A node that the test drains; it takes calls again afterwards."""
    yield "ast1"
    fleet.run("undrain", "ast1")
    fleet.turned("ast1", "up")


def test_a_caller_of_a_room_is_moved_and_hears_the_others_all_along(fleet: Fleet, phones) -> None:
    anna, bert = phones(2)
    calls = [fleet.call_on("ast1", anna, NUMBER), fleet.call_on("ast2", bert, NUMBER)]
    all_hear_each_other(calls)
    room, former = until(lambda: report(fleet), 5, "the room")["id"], fleet.channel_of(calls[0])
    begun = calls[0].heard().seconds

    answer = move(fleet, former, "ast2")
    assert answer.status_code == 200, answer.text
    moved = answer.json()
    assert (moved["replaces"], moved["node"], moved["bridge"]) == (former, "ast2", room)
    until(lambda: fleet.node_of(calls[0]) == "ast2", 5, "the phone to send its sound to ast2")
    until(lambda: calls[0].replacements == 1, 5, "the phone to say that its call was moved")
    members = {moved["channel"], fleet.channel_of(calls[1])}
    until(lambda: {member["id"] for member in report(fleet)["channels"]} == members, 5, f"{members} in the room")
    until(lambda: fleet.node("ast1").calls == 0, 5, "nothing left of the call on ast1")
    all_hear_each_other(calls)
    settled_with_legs(fleet, [])

    gap = shortest_silence(fleet, moved["channel"], calls, [begun])
    assert gap <= SILENCE, f"{gap} s without the other"
    print(f"silence while the call moved: {gap:.2f} s")


def test_an_application_is_told_which_channel_a_new_one_replaces(fleet: Fleet, phone) -> None:
    """Nothing of the new channel is told before it enters, and it does so as the former one did."""
    with listening(fleet) as application:
        call, former = arrived(application, phone)
        fleet.ari("POST", f"channels/{former['id']}/answer")
        call.answered()
        bridge = fleet.ari("POST", "bridges").json()["id"]
        assert fleet.ari("POST", f"bridges/{bridge}/addChannel?channel={former['id']}").ok
        fleet.gathered(bridge, former["id"])
        before = len(application.events)
        to = "ast2" if former["id"].startswith("ast1") else "ast1"
        moved = move(fleet, former["id"])
        assert (moved.status_code, moved.json().get("node")) == (200, to), moved.text
        channel = moved.json()["channel"]
        # The application does nothing: the gateway has put it there.
        fleet.gathered(bridge, channel)
        start = application.started(channel)
        assert start["replace_channel"]["id"] == former["id"]
        assert start["channel"]["caller"] == former["caller"]
        assert start["args"] == []
        application.event("StasisEnd", lambda event: event["channel"]["id"] == former["id"])
        later = [event for event in application.events[before:] if "channel" in event]
        assert next(event for event in later if event["channel"]["id"] == channel)["type"] == "StasisStart"
        order = [(event["type"], event["channel"]["id"]) for event in later]
        assert order.index(("StasisStart", channel)) < order.index(("StasisEnd", former["id"]))
        again = move(fleet, channel)
        assert again.status_code == 200, again.text
        until(lambda: call.replacements == 2, 5, "the phone to say that its call was moved twice")
        call.hang_up()
        fleet.ari("DELETE", f"bridges/{bridge}")
        application.event("StasisEnd", lambda event: event["channel"]["id"] == again.json()["channel"])


def test_what_cannot_be_moved_is_refused_with_the_reason(fleet: Fleet, phone) -> None:
    assert move(fleet, "unknown").status_code == 404
    call = fleet.call_on("ast1", phone, NUMBER)
    channel = fleet.channel_of(call)
    refusals = {node: move(fleet, channel, node) for node in ("ast1", "ast9")}
    assert [answer.status_code for answer in refusals.values()] == [409, 404]
    assert "already" in refusals["ast1"].json()["message"]
    greeting = fleet.call_on("ast1", phone, "9999")
    answer = move(fleet, fleet.channel_of(greeting, "9999"))
    assert (answer.status_code, "no application" in answer.json()["message"]) == (409, True)
    assert call.is_up and greeting.is_up


def test_a_phone_that_does_not_let_itself_be_moved_keeps_its_call(fleet: Fleet, phones) -> None:
    """Nobody notices that its phone was asked, and what held for it in the bridge holds: here, that nobody hears it."""
    (stubborn,) = phones(1, refusals=NEVER)
    (bert,) = phones(1)
    with listening(fleet) as application:
        (call, channel), (other, companion) = (taken(fleet, application, each, "ast1") for each in (stubborn, bert))
        bridge = fleet.ari("POST", "bridges").json()["id"]
        for id, options in ((channel, "&mute=true"), (companion, "")):
            assert fleet.ari("POST", f"bridges/{bridge}/addChannel?channel={id}{options}").ok
        until(lambda: call.hears(bert.hertz), 5, "the muted one to hear the other")
        before, begun = len(application.events), call.heard().seconds

        answer = move(fleet, channel)
        assert (answer.status_code, stubborn.user in answer.json()["message"]) == (409, True), answer.text
        assert (call.replacements, len(call.referrals)) == (0, 1)
        throughout(lambda: call.is_up and fleet.node_of(call) == "ast1", 1, "the call to go on where it is")
        until(lambda: {each["id"] for each in fleet.calls()} == {channel, companion}, 5, "the calls that there were")
        told = [event for event in application.events[before:] if event.get("channel", {}).get("id") == channel]
        assert told == [], [(event["type"], event.get("variable")) for event in told]
        assert silence([call, other], [begun]) <= SILENCE
        assert other.is_free_of(stubborn.hertz), "a muted caller is heard"
        noted = fleet.ari("GET", f"channels/{channel}/variable", params={"variable": "ASTERISM_ASKED"})
        assert noted.json()["value"] == "", "nothing is left of the asking"
        # What it is asked next is done: the node does not wait for the phone any more.
        assert fleet.ari("POST", f"bridges/{bridge}/removeChannel?channel={channel}").ok
        application.event("ChannelLeftBridge", lambda event: event["channel"]["id"] == channel)
        fleet.ari("DELETE", f"bridges/{bridge}")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_phone_that_refuses_replaces_calls_again_and_hears_the_others(
    fleet: Fleet, phones, transport: str
) -> None:
    (anna,) = phones(1, refusals={"replaces": 488}, transport=transport)
    (bert,) = phones(1)
    calls = [fleet.call_on("ast1", anna, NUMBER), fleet.call_on("ast1", bert, NUMBER)]
    all_hear_each_other(calls)
    room, former = until(lambda: report(fleet), 5, "the room")["id"], fleet.channel_of(calls[0])
    begun = [call.heard().seconds for call in calls]

    answer = move(fleet, former, "ast2")
    assert answer.status_code == 200, answer.text
    moved = answer.json()
    assert (moved["replaces"], moved["node"], moved["bridge"]) == (former, "ast2", room)
    until(lambda: fleet.node_of(calls[0]) == "ast2", 5, "the phone to send its sound to ast2")
    assert (calls[0].replacements, len(calls[0].referrals)) == (0, 1)
    members = {moved["channel"], fleet.channel_of(calls[1])}
    until(lambda: {member["id"] for member in report(fleet)["channels"]} == members, 5, f"{members} in the room")
    until(lambda: fleet.node("ast1").calls == 1, 5, "nothing left of the call on ast1")
    all_hear_each_other(calls)
    gap = shortest_silence(fleet, moved["channel"], calls, begun)
    assert gap <= SILENCE, f"{gap} s without the other"
    print(f"silence while the call moved by REFER: {gap:.2f} s")
    # The address was good for that one call.
    stolen = calls[0].referrals[0].split(":", 1)[1].split("@")[0]
    assert [phone.dial(stolen).refused() for phone in (anna, bert)] == [404, 404]


def test_an_application_is_told_that_a_phone_has_called_again(fleet: Fleet, phones) -> None:
    """As of any call that moves, though this one comes in from outside, and twice in a row."""
    (anna,) = phones(1, refusals={"replaces": 501})
    with listening(fleet) as application:
        call, id = taken(fleet, application, anna, "ast1")
        former = application.started(id)["channel"]
        bridge = fleet.ari("POST", "bridges").json()["id"]
        assert fleet.ari("POST", f"bridges/{bridge}/addChannel?channel={id}").ok
        application.event("ChannelEnteredBridge")
        fleet.gathered(bridge, id)
        for node in ("ast2", "ast1"):
            before = len(application.events)
            moved = move(fleet, former["id"], node)
            assert (moved.status_code, moved.json().get("node")) == (200, node), moved.text
            channel = moved.json()["channel"]
            fleet.gathered(bridge, channel)
            start = application.started(channel)
            assert start["replace_channel"]["id"] == former["id"]
            assert (start["channel"]["caller"], start["args"]) == (former["caller"], [])
            assert start["channel"]["dialplan"]["exten"] == DIALLED
            application.event("StasisEnd", lambda event: event["channel"]["id"] == former["id"])
            # Of a move before this one, the end may be told late.
            later = [event for event in application.events[before:] if event["type"] != "ChannelVarset"]
            later = [event for event in later if event.get("channel", {}).get("id") in (channel, former["id"])]
            order = [(event["type"], event["channel"]["id"]) for event in later]
            assert order[0] == ("StasisStart", channel), order
            assert [kind for kind, id in order if id == former["id"]].count("ChannelLeftBridge") == 1
            assert ("ChannelEnteredBridge", former["id"]) not in order
            former = start["channel"]
        call.hang_up()
        application.event("StasisEnd", lambda event: event["channel"]["id"] == former["id"])
        fleet.ari("DELETE", f"bridges/{bridge}")


def test_a_phone_that_is_no_longer_registered_can_still_be_asked(fleet: Fleet, phone) -> None:
    """The other node cannot reach it; its own node does, within the call."""
    call = fleet.call_on("ast1", phone, NUMBER)
    phone.unregister()
    answer = move(fleet, fleet.channel_of(call), "ast2")
    assert (answer.status_code, len(call.referrals)) == (200, 1), answer.text
    until(lambda: fleet.node_of(call) == "ast2", 5, "the phone to send its sound to ast2")
    until(lambda: fleet.node("ast1").calls == 0, 5, "nothing left of the call on ast1")


def test_a_phone_is_not_asked_while_its_channel_plays_something(fleet: Fleet, phones) -> None:
    """The node would ask it afterwards, whoever waits for that."""
    (anna,) = phones(1, refusals={"replaces": 420})
    with listening(fleet) as application:
        call, channel = taken(fleet, application, anna, "ast1")
        playback = fleet.ari("POST", f"channels/{channel}/play", params={"media": "tone:440"}).json()["id"]
        call.first_heard(440)
        answer = move(fleet, channel)
        assert (answer.status_code, "played" in answer.json()["message"]) == (409, True), answer.text
        until(lambda: call.hears(440), 5, "what is played to go on")
        assert call.referrals == []
        assert fleet.ari("DELETE", f"playbacks/{playback}").ok
        application.event("PlaybackFinished")
        # In no bridge it is as good to move as in one. The gateway may hear a moment later that nothing plays any more.
        moved = until(lambda: (answer := move(fleet, channel, "ast2")).ok and answer, 5, "the call to be moved")
        until(lambda: fleet.node_of(call) == "ast2", 5, "the phone to send its sound to ast2")
        assert application.started(moved.json()["channel"])["replace_channel"]["id"] == channel
        fleet.ari("DELETE", f"channels/{moved.json()['channel']}")
        call.ended()


@pytest.mark.parametrize("refusals", [{}, {"replaces": 481}], ids=["replaces", "refer"])
def test_a_phone_that_was_called_is_moved(fleet: Fleet, phones, refusals: dict[str, int]) -> None:
    (anna,) = phones(1, refusals=refusals)
    with listening(fleet) as application:
        wanted = {"endpoint": f"PJSIP/{anna.user}@edge", "app": NAME, "appArgs": "one,two"}
        channel = fleet.ari("POST", "channels", params=wanted).json()["id"]
        call = anna.expect_call().pick_up()
        former = application.started(channel)
        up = (channel, "Up")
        until(
            lambda: all(
                up in [(each["id"], each["state"]) for each in calls] for calls in fleet.at_each_gateway("fleet/calls")
            ),
            5, "every gateway to know the call",
        )
        moved = move(fleet, channel)
        assert moved.status_code == 200, moved.text
        start = application.started(moved.json()["channel"])
        assert (start["args"], start["channel"]["caller"]) == (former["args"], former["channel"]["caller"])
        until(lambda: fleet.node_of(call) == moved.json()["node"], 5, "the phone to send its sound there")
        call.hang_up()


def test_a_node_is_emptied_in_seconds(fleet: Fleet, phones, drained: str) -> None:
    (anna,), (bert,), (carl, dora) = phones(1), phones(1, refusals={"replaces": 603}), phones(2, refusals=NEVER)
    calls = [fleet.call_on("ast1", anna, NUMBER), fleet.call_on("ast1", bert, NUMBER)]
    calls += [fleet.call_on("ast1", carl, "9999"), fleet.call_on("ast1", dora, NUMBER)]
    all_hear_each_other(calls[:2])
    for call in calls:
        fleet.channel_of(call)
    said = fleet.do("drain", drained, "--move")
    assert "2 calls moved, 2 stay" in said, said
    assert f"phone of {dora.user} did not let" in said, said
    where = ["ast2", "ast2", "ast1", "ast1"]
    until(
        lambda: [fleet.node_of(call) for call in calls] == where, EMPTIED, f"the calls to be on {where}", strict=True
    )
    all_hear_each_other(calls[:2])
    until(lambda: fleet.node(drained).calls == 2, 5, "two calls to be left")


@pytest.mark.parametrize("refusals", [{}, {"replaces": 481}], ids=["replaces", "refer"])
@pytest.mark.parametrize("way", ["channel", "bridge"])
def test_who_is_muted_stays_muted_and_keeps_his_variables(
    fleet: Fleet, phones, refusals: dict[str, int], way: str
) -> None:
    (anna,), (bert,) = phones(1, refusals=refusals), phones(1)
    with listening(fleet) as application:
        (call, channel), (other, companion) = (taken(fleet, application, each, "ast1") for each in (anna, bert))
        bridge = fleet.ari("POST", "bridges").json()["id"]
        for name, value in (("CUSTOMER", "7 & 8"), ("__TRACE", "t")):
            params = {"variable": name, "value": value}
            assert fleet.ari("POST", f"channels/{channel}/variable", params=params).ok
        if way == "channel":
            assert fleet.ari("POST", f"channels/{channel}/mute?direction=in").ok
        for id, options in ((channel, "&mute=true" if way == "bridge" else ""), (companion, "")):
            assert fleet.ari("POST", f"bridges/{bridge}/addChannel?channel={id}{options}").ok
        until(lambda: call.hears(bert.hertz), 5, "the muted one to hear the other")
        before, begun = len(application.events), other.heard().seconds

        moved = move(fleet, channel, "ast2")
        assert moved.status_code == 200, moved.text
        now = moved.json()["channel"]
        until(lambda: fleet.node_of(call) == "ast2", 5, "the phone to send its sound to ast2")
        until(lambda: call.hears(bert.hertz), 5, "the muted one to hear the other again")
        until(lambda: other.heard().seconds >= begun + 2, 5, "two seconds of what the other hears")
        assert other.heard().first_heard(anna.hertz) is None, "a muted caller is heard"
        for name, value in (("CUSTOMER", "7 & 8"), ("TRACE", "t")):
            answer = fleet.ari("GET", f"channels/{now}/variable", params={"variable": name})
            assert answer.json() == {"value": value}, name
        told = {event["variable"] for event in application.events[before:] if event["type"] == "ChannelVarset"}
        assert not [name for name in told if name.startswith(("ASTERISM_MUTED", "ASTERISM_BRIDGED"))], told
        if way == "channel":
            assert fleet.ari("DELETE", f"channels/{now}/mute?direction=in").ok
            until(lambda: other.hears(anna.hertz), 5, "who is no longer muted to be heard")
        fleet.ari("DELETE", f"bridges/{bridge}")
