"""`--listen`: phones on the network register and talk like those on this machine, and see nothing but SIP and sound."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ari_application import Application
from fleet import Fleet
from network import Network, answering
from phone import HERE, Call, Phone
from room import JOINED, NUMBER, all_hear_each_other, seconds_to_hear
from speech import connected_to
from wait import until


@pytest.fixture
def fleet(listening_fleet: Fleet) -> Iterator[Fleet]:
    """The fleet that listens on the network, without calls after the test."""
    yield listening_fleet
    listening_fleet.empty()


@pytest.fixture(params=["udp", "tcp"])
def desk(request: pytest.FixtureRequest, fleet: Fleet, lan: Network, tmp_path: Path) -> Iterator[Phone]:
    """A desk phone on the network, registered with the demo's account."""
    phone = Phone(
        "demo", "demo", fleet.sip_port, transport=request.param, hertz=400, folder=tmp_path, place=lan.place
    )
    yield phone.register()
    phone.close()


def test_sip_at_the_edge_is_all_that_answers_the_network(fleet: Fleet, lan: Network) -> None:
    assert answering(HERE, fleet.ports()) == fleet.ports(), "this machine reaches everything"
    edge = [(fleet.sip_port, socket.SOCK_STREAM), (fleet.sip_port, socket.SOCK_DGRAM)]
    assert answering(lan.place, fleet.ports()) == edge


def test_a_desk_phone_hears_the_node_that_it_reached(fleet: Fleet, desk: Phone) -> None:
    call = desk.call("8001")
    nicknames = [node.nickname for node in fleet.nodes().values()]
    heard = until(lambda: connected_to(call.heard(), nicknames), 15, "the sentence", interval=0.5)
    assert heard[0] == fleet.node(fleet.node_of(call)).nickname
    call.hang_up()
    fleet.empty()


def test_a_desk_phone_and_one_on_this_machine_hear_each_other_in_the_room(fleet: Fleet, desk: Phone, phones) -> None:
    far = fleet.call_on("ast1", desk, NUMBER)
    near = fleet.call_on("ast2", phones(2)[1], NUMBER)
    assert seconds_to_hear(far, near) < JOINED
    assert seconds_to_hear(near, far) < JOINED
    all_hear_each_other([far, near])

    assert fleet.ari("DELETE", f"channels/{fleet.channel_of(far)}").status_code == 204
    far.ended()
    near.hang_up()


def test_desk_phones_call_each_other_by_name(fleet: Fleet, desk: Phone, lan: Network, tmp_path: Path) -> None:
    fleet.add_subscriber("anna", "secret")
    anna = Phone("anna", "secret", fleet.sip_port, hertz=730, folder=tmp_path, place=lan.place).register()
    call = desk.dial("anna")
    rung = anna.expect_call().pick_up()
    all_hear_each_other([call.answered(), rung])
    anna.close()
    call.ended()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_desk_phone_calls_again_when_its_call_moves(
    fleet: Fleet, phones, lan: Network, tmp_path: Path, transport: str
) -> None:
    """It is told the edge's address on its network."""
    fleet.add_subscriber("anna", "secret")
    anna = Phone(
        "anna", "secret", fleet.sip_port, transport=transport, hertz=730, folder=tmp_path, place=lan.place,
        refusals={"replaces": 488},
    ).register()
    far, near = fleet.call_on("ast1", anna, NUMBER), fleet.call_on("ast1", phones(1)[0], NUMBER)
    url = f"{fleet.gateway_url}/fleet/channels/{fleet.channel_of(far)}/move"
    answer = requests.post(url, params={"node": "ast2"}, auth=fleet.operator(), timeout=15)
    assert answer.status_code == 200, answer.text
    assert lan.address in far.referrals[0]
    until(lambda: fleet.node_of(far) == "ast2", 5, "the phone to send its sound to ast2")
    all_hear_each_other([far, near])
    anna.close()
    near.hang_up()


@pytest.mark.parametrize("ends", ["phone", "fleet"])
def test_a_desk_phone_is_called(fleet: Fleet, desk: Phone, lan: Network, ends: str) -> None:
    with Application(fleet, "e2e-listen") as application:
        wanted = {"endpoint": f"PJSIP/{desk.user}@edge", "app": "e2e-listen", "callerId": "Anna <anna>"}
        channel = fleet.ari("POST", "channels", params=wanted).json()["id"]
        call = desk.expect_call().pick_up()
        assert f'From: "Anna" <sip:anna@{lan.address}>' in call.invitation, "where to call back"
        application.started(channel)
        assert fleet.ari("POST", f"channels/{channel}/play", params={"media": "tone:440"}).status_code == 201
        call.first_heard(440)
        if ends == "phone":
            call.hang_up()
            application.event("StasisEnd", lambda event: event["channel"]["id"] == channel)
        else:
            assert fleet.ari("DELETE", f"channels/{channel}").status_code == 204
            call.ended()
