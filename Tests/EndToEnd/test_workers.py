"""Worker groups: several sockets of one application share its calls."""

import json
import select
import time
import uuid
from collections.abc import Callable, Iterator

import pytest
import websocket

from ari_application import Application
from fleet import Fleet
from test_events import asked, originate
from test_gateway import UPGRADE
from wait import throughout, until

NAME = "e2e-workers"
GROUP = "&group=workers"


@pytest.fixture(autouse=True)
def calls_end(fleet: Fleet) -> Iterator[None]:
    """Ends what a test has begun."""
    yield
    for channel in fleet.ari("GET", "channels").json():
        fleet.ari("DELETE", f"channels/{channel['id']}")


def calls_of(worker: Application) -> set[str]:
    """The channels that a worker was told have entered."""
    return entered(worker.events)


def messages(socket: websocket.WebSocket, enough: Callable[[list[dict]], bool]) -> list[dict]:
    """What comes over a socket until it is enough."""
    said: list[dict] = []
    deadline = time.monotonic() + 10
    while not enough(said):
        # The gateway asks whether the client is there, which a socket's own timeout takes for a message.
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([socket.sock], [], [], left)[0]:
            raise TimeoutError(f"not enough within 10 s: {[each['type'] for each in said][-20:]}")
        opcode, data = socket.recv_data(control_frame=True)
        if opcode == websocket.ABNF.OPCODE_TEXT:
            said.append(json.loads(data))
    return said


def answers(said: list[dict]) -> int:
    """How many requests were answered well."""
    return sum(each.get("status_code") == 200 for each in said)


def entered(said: list[dict]) -> set[str]:
    """The channels that entered the application."""
    return {each["channel"]["id"] for each in said if each["type"] == "StasisStart"}


def channels_of(worker: Application) -> set[str]:
    """The channels that any event of a worker is about."""
    return {event["channel"]["id"] for event in worker.events if "channel" in event}


def test_calls_of_all_nodes_are_shared_and_all_of_a_call_follows_it(fleet: Fleet) -> None:
    """Six calls on two nodes, two workers: three for each, with their bridges, playbacks and ends."""
    with Application(fleet, NAME, options=GROUP) as one, Application(fleet, NAME, options=GROUP) as two:
        made = {originate(fleet, NAME, f"ast{number % 2 + 1}") for number in range(6)}
        until(lambda: calls_of(one) | calls_of(two) == made, 10, "every call to reach a worker")
        assert (len(calls_of(one)), len(calls_of(two))) == (3, 3)
        assert not any(event["type"] == "ApplicationReplaced" for event in one.events + two.events)

        mine, his = sorted(calls_of(one))[0], sorted(calls_of(two))[0]
        bridge = fleet.ari("POST", "bridges").json()["id"]
        assert fleet.ari("POST", f"bridges/{bridge}/addChannel?channel={mine}").ok
        one.event("ChannelEnteredBridge", lambda event: event["channel"]["id"] == mine)
        assert fleet.ari("POST", f"channels/{mine}/play/{uuid.uuid4()}?media=tone:ring").ok
        one.event("PlaybackStarted", lambda event: event["playback"]["target_uri"] == f"channel:{mine}")
        assert fleet.ari("POST", f"bridges/{bridge}/play?media=sound:beep").ok
        one.event("PlaybackFinished", lambda event: event["playback"]["target_uri"] == f"bridge:{bridge}")
        assert not any("bridge" in event or "playback" in event for event in two.events)

        assert fleet.ari("POST", f"bridges/{bridge}/addChannel?channel={his}").ok
        for worker in (one, two):  # now both have a call in it
            worker.event("ChannelEnteredBridge", lambda event: event["channel"]["id"] == his)
        fleet.ari("DELETE", f"bridges/{bridge}")

        for channel in made:
            fleet.ari("DELETE", f"channels/{channel}")
        for worker in (one, two):
            for channel in calls_of(worker):
                worker.event("StasisEnd", lambda event: event["channel"]["id"] == channel)
        assert channels_of(one) & channels_of(two) <= {mine, his}, "what only one has is told to one only"


def test_a_worker_that_vanishes_hands_its_calls_to_the_others(fleet: Fleet) -> None:
    two = Application(fleet, NAME, options=GROUP)
    with two, Application(fleet, NAME, options=GROUP) as three:
        one = Application(fleet, NAME, options=GROUP)
        with one:
            made = {originate(fleet, NAME, f"ast{number % 2 + 1}") for number in range(6)}
            until(lambda: calls_of(one) | calls_of(two) | calls_of(three) == made, 10, "every call to reach a worker")
            left = calls_of(one)
            assert len(left) == 2

        def resumed(worker: Application) -> set[str]:
            return {event["channel"]["id"] for event in worker.events if event.get("eventname") == "ChannelResumed"}

        until(lambda: resumed(two) | resumed(three) == left, 5, "the others to be told of its calls")
        assert (len(resumed(two)), len(resumed(three))) == (1, 1)
        for worker in (two, three):
            (channel,) = resumed(worker)
            assert fleet.ari("POST", f"channels/{channel}/play?media=tone:ring").ok
            worker.event("PlaybackStarted", lambda event: event["playback"]["target_uri"] == f"channel:{channel}")

        with Application(fleet, NAME, options=GROUP) as newcomer:
            throughout(lambda: not newcomer.events, 0.5, "a newcomer gets no call that somebody has")
            new = [originate(fleet, NAME, "ast1") for _ in range(3)]
            until(lambda: calls_of(newcomer) == set(new), 5, "the one with the fewest calls to get the next ones")


def test_a_call_that_a_worker_makes_is_its_own(fleet: Fleet) -> None:
    """Over its socket, or as the originator's: it would not know what the other was told."""
    url = fleet.ari_url.replace("http", "ws", 1) + f"/events?app={NAME}&api_key=wazo:wazo{GROUP}"
    with Application(fleet, NAME, options=GROUP) as other:
        socket = websocket.create_connection(url, timeout=10)
        try:
            query = [{"name": "endpoint", "value": "Local/9999@default"}, {"name": "app", "value": NAME}]
            for _ in range(4):
                socket.send(
                    json.dumps(
                        {"type": "RESTRequest", "method": "POST", "uri": "channels", "query_strings": query}
                    )
                )
            said = messages(socket, lambda said: answers(said) == 4 and len(entered(said)) == 4)
            made = entered(said)
            related = fleet.ari(
                "POST", "channels",
                params={"endpoint": "Local/9999@default", "app": NAME, "originator": sorted(made)[0]},
            ).json()["id"]
            messages(socket, lambda said: entered(said) == {related})
            assert channels_of(other).isdisjoint({*made, related})
        finally:
            socket.close()
        until(lambda: {*made, related} <= channels_of(other), 5, "the other to take over")


def test_a_request_that_fails_takes_no_call_from_another_worker(fleet: Fleet) -> None:
    url = fleet.ari_url.replace("http", "ws", 1) + f"/events?app={NAME}&api_key=wazo:wazo{GROUP}"
    with Application(fleet, NAME, options=GROUP) as owner:
        channel, other = originate(fleet, NAME, "ast1"), originate(fleet, NAME, "ast2")
        for call in (channel, other):  # the newcomer, who has none, would get one that is nobody's
            owner.started(call)
        socket = websocket.create_connection(url, timeout=10)
        try:
            wishes = {"endpoint": "Local/9999@default", "app": NAME, "channelId": channel}
            query = [{"name": name, "value": value} for name, value in wishes.items()]
            assert asked(socket, method="POST", uri="channels", query_strings=query)["status_code"] == 409
            assert fleet.ari("POST", f"channels/{channel}/play?media=sound:beep").ok
            owner.event("PlaybackFinished", lambda event: event["playback"]["target_uri"] == f"channel:{channel}")
        finally:
            socket.close()


def test_who_wants_an_application_alone_gets_it_alone(fleet: Fleet) -> None:
    with Application(fleet, NAME, options=GROUP) as one, Application(fleet, NAME, options=GROUP) as two:
        with Application(fleet, NAME, options="&group=others") as others:
            for worker in (one, two):
                worker.event("ApplicationReplaced")
            with Application(fleet, NAME) as alone:
                others.event("ApplicationReplaced")
                alone.started(originate(fleet, NAME, "ast1"))
            assert {event["type"] for event in one.events + two.events + others.events} == {"ApplicationReplaced"}


def test_workers_at_different_gateways_are_one_group(fleet: Fleet) -> None:
    """One gateway leads the group; where it goes, the workers come back and are led by another."""
    places = fleet.gateway_urls
    if len(places) < 2:
        places = places * 2
    first, second = (f"{place}/ari" for place in places)
    with Application(fleet, NAME, at=first, options=GROUP) as one:
        with Application(fleet, NAME, at=second, options=GROUP) as two:
            made = {originate(fleet, NAME, f"ast{number % 2 + 1}") for number in range(6)}
            until(lambda: calls_of(one) | calls_of(two) == made, 10, "every call to reach a worker")
            assert (len(calls_of(one)), len(calls_of(two))) == (3, 3)
            left = calls_of(two)
        until(lambda: left <= channels_of(one) and calls_of(one).isdisjoint(left), 5, "the first to take over")
        assert not any(event["type"] == "ApplicationReplaced" for event in one.events)


@pytest.mark.parametrize("group", ("", "a b", "ä", "x" * 65))
def test_a_group_has_a_name(fleet: Fleet, group: str) -> None:
    answer = fleet.ari("GET", "events", params={"app": NAME, "group": group}, headers=UPGRADE)
    assert (answer.status_code, "group" in answer.json()["message"].lower()) == (400, True), answer.text
