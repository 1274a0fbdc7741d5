"""What concerns channels of two nodes at once, beside bridges: one dialled for another, events about several things."""

import re
from collections.abc import Iterator

import pytest

from ari_application import Application
from fleet import Fleet
from party import Party
from phone import Phone

NAME = "e2e-across"

INTRODUCED = {
    "CALLERID(name)": "Anna A", "CALLERID(num)": "4711", "CHANNEL(language)": "de", "CHANNEL(accountcode)": "hers",
    "CHANNEL(peeraccount)": "theirs", "CHANNEL(musicclass)": "jazz", "REDIRECTING(from-num)": "999",
    "REDIRECTING(from-name)": "Carla", "__TRACE": "t", "_STEP": "s",
}
"""What the caller is."""

TAKEN_OVER = {
    "CONNECTEDLINE(name)": "Anna A", "CONNECTEDLINE(num)": "4711", "CHANNEL(language)": "de",
    "CHANNEL(accountcode)": "theirs", "CHANNEL(peeraccount)": "hers", "CHANNEL(musicclass)": "jazz",
    "REDIRECTING(from-num)": "999", "REDIRECTING(from-name)": "Carla", "CALLERID(num)": "",
    "TRACE": "t", "STEP": "s",
}
"""What the dialled channel makes of that, as measured on one Asterisk."""


@pytest.fixture(scope="module")
def application(shared_fleet: Fleet) -> Iterator[Application]:
    with Application(shared_fleet, NAME) as application:
        yield application


@pytest.fixture(scope="module")
def phones(shared_fleet: Fleet, tmp_path_factory) -> Iterator[tuple[Phone, Phone]]:
    shared_fleet.settled(2)
    folder = tmp_path_factory.mktemp("across")
    made = []
    for user, hertz in (("anna", 400.0), ("bert", 985.0)):
        shared_fleet.add_subscriber(user, "secret")
        made.append(Phone(user, "secret", shared_fleet.sip_port, hertz=hertz, folder=folder).register())
    yield tuple(made)
    for phone in made:
        phone.close()
    shared_fleet.empty()


@pytest.fixture(scope="module")
def anna(shared_fleet: Fleet, application: Application, phones: tuple[Phone, Phone]) -> Party:
    """Somebody on the first node, who has a name and all that goes with it."""
    party = Party(shared_fleet, application, phones[0], "ast1")
    for function, value in INTRODUCED.items():
        answer = shared_fleet.ari(
            "POST", f"channels/{party.channel}/variable", params={"variable": function, "value": value}
        )
        assert answer.status_code == 204, answer.text
    return party


def value(fleet: Fleet, channel: str, function: str) -> str:
    return fleet.ari("GET", f"channels/{channel}/variable", params={"variable": function}).json()["value"]


@pytest.mark.parametrize("node", ("ast1", "ast2"))
def test_a_channel_that_is_dialled_for_another_takes_over_who_calls_on_whichever_node(
    shared_fleet: Fleet, application: Application, phones: tuple[Phone, Phone], anna: Party, node: str
) -> None:
    fleet, bert = shared_fleet, phones[1]
    wanted = {"endpoint": f"PJSIP/{bert.user}@edge", "app": NAME}
    dialled = fleet.ari("POST", "channels/create", params=wanted, headers={"X-Asterisk-ID": node}).json()["id"]
    application.started(dialled)
    assert fleet.ari("POST", f"channels/{dialled}/dial", params={"caller": anna.channel}).status_code == 204
    call = bert.expect_call()
    assert re.search(r'^From: "Anna A" <sip:4711@', call.invitation, re.MULTILINE)
    assert {function: value(fleet, dialled, function) for function in TAKEN_OVER} == TAKEN_OVER
    call.pick_up()
    told = application.event("Dial", lambda event: event["peer"]["id"] == dialled and event["dialstatus"] == "ANSWER")
    assert "caller" not in told, "one Asterisk names none either"
    again = fleet.ari("POST", f"channels/{dialled}/dial", params={"caller": anna.channel})
    assert (again.status_code, again.json()["message"]) == (409, "Channel is not in the 'Down' state")
    bert.hang_up()
    application.event("ChannelDestroyed", lambda event: event["channel"]["id"] == dialled)


def test_an_event_of_a_client_is_told_once_with_all_that_it_is_about_wherever_that_is(
    shared_fleet: Fleet, application: Application, phones: tuple[Phone, Phone], anna: Party
) -> None:
    fleet = shared_fleet
    bert = Party(fleet, application, phones[1], "ast2")
    fleet.ari("POST", "bridges/e2e-hers", params={"type": "mixing", "name": "hers"})
    fleet.ari("POST", "bridges/e2e-nobody", params={"type": "mixing"})
    try:
        assert fleet.ari("POST", "bridges/e2e-hers/addChannel", params={"channel": anna.channel}).ok
        fleet.gathered("e2e-hers", anna.channel)
        fleet.gathered("e2e-nobody")

        def say(name: str, *sources: str) -> tuple[int, list[dict]]:
            """How it was answered, and what came of it."""
            wanted = {"application": NAME, "source": ",".join(sources)}
            answer = fleet.ari(
                "POST", f"events/user/{name}", params=wanted, json={"variables": {"mood": {"good": [1, 2]}}}
            )
            # What comes from the same node comes in order: another one would be here by then.
            fleet.ari("POST", f"events/user/after-{name}", params=wanted if answer.ok else {"application": NAME})
            application.event("ChannelUserevent", lambda event: event["eventname"] == f"after-{name}")
            return answer.status_code, [event for event in application.events if event.get("eventname") == name]

        status, (told,) = say("both", f"channel:{bert.channel}", "bridge:e2e-hers", "endpoint:PJSIP/edge")
        assert status == 204
        assert told["userevent"] == {"mood": {"good": [1, 2]}, "eventname": "both"}
        assert (told["channel"]["id"], told["endpoint"]["resource"]) == (bert.channel, "edge")
        assert told["asterisk_id"] == fleet.node("ast2").id
        shown = fleet.ari("GET", "bridges/e2e-hers").json()
        assert told["bridge"] == shown
        assert shown["channels"] == [anna.channel]

        status, (told,) = say("last", f"channel:{anna.channel}", f"channel:{bert.channel}")
        assert (status, told["channel"]["id"]) == (204, bert.channel)
        status, (told,) = say("empty", "bridge:e2e-nobody", f"channel:{anna.channel}")
        assert (status, told["bridge"]["channels"], told["channel"]["id"]) == (204, [], anna.channel)

        assert say("nothing", f"channel:{bert.channel}", "bridge:e2e-hers", "channel:none") == (422, [])
        assert say("nonsense", f"channel:{bert.channel}", "bridge:e2e-hers", "planet:mars") == (400, [])
        missing = {"application": "none", "source": f"channel:{bert.channel},bridge:e2e-hers"}
        assert fleet.ari("POST", "events/user/lost", params=missing).status_code == 404
    finally:
        for bridge in ("e2e-hers", "e2e-nobody"):
            fleet.ari("DELETE", f"bridges/{bridge}")
