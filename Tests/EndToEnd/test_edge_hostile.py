"""The edge among strangers: wrong credentials, forged and malformed messages. Nothing of it stops the fleet."""

import re
import socket
import struct

import pytest

from fleet import Fleet
from processes import descendants
from sip_messages import SDP, Client, mutations, torture
from wait import PATIENCE, until

HOST = "127.0.0.1"
SEED = 4475

RPC_PORT = 5065
"""Kamailio's JSON-RPC, before the port offset."""


def edge(fleet: Fleet, transport: str = "udp", source: str = HOST) -> Client:
    return Client(getattr(fleet, "sip_host", HOST), fleet.sip_port, transport, source)


def uri(fleet: Fleet, user: str = "") -> str:
    return f"sip:{user}@{HOST}:{fleet.sip_port}" if user else f"sip:{HOST}:{fleet.sip_port}"


def register(client: Client, fleet: Fleet, user: str, password: str, expires: int = 60):
    extra = [("Expires", str(expires))]
    message = client.message("REGISTER", uri(fleet), user, to=f"sip:{user}@asterism", extra=extra)
    return client.login(message, user, password)


def invite(client: Client, fleet: Fleet, number: str, user: str = "demo", password: str = "demo"):
    """An INVITE to its final response: `(the request, the response)`."""
    message = client.message("INVITE", uri(fleet, number), user, body=SDP)
    challenge = client.ask(message)
    assert challenge and challenge.status == 407
    client.acknowledge(message, challenge)
    message = client.authorized(message, challenge, user, password)
    return message, client.ask(message)


def is_served(client: Client, fleet: Fleet) -> None:
    """Checks that the edge answers: what it has not done by then, it does not do."""
    answer = client.ask(client.message("OPTIONS", uri(fleet), "x"), PATIENCE)
    assert answer and answer.status == 200, answer and answer.text


def talk(client: Client, fleet: Fleet, number: str = "8001"):
    """A whole call, answered and hung up; returns the answer."""
    message, answer = invite(client, fleet, number)
    assert answer and answer.status == 200, answer and answer.text
    client.send(client.within("ACK", message, answer).bytes())
    ended = client.ask(client.within("BYE", message, answer))
    assert ended and ended.status == 200
    return answer


@pytest.fixture(autouse=True)
def nothing_restarts(fleet: Fleet):
    """Kamailio and Asterisk are the same processes before and after each test here."""
    before = engines(fleet)
    yield
    gone = before - engines(fleet)
    assert not gone, f"engines ended: {gone}"


def engines(fleet: Fleet) -> set[int]:
    running = [process for process in descendants(fleet.process.pid) if process.state != "Z"]
    return {process.pid for process in running if re.search("kamailio|asterisk", process.command)}


@pytest.fixture(autouse=True)
def nobody_registered(fleet: Fleet):
    """Leaves no contact of `demo` behind."""
    yield
    with edge(fleet) as client:
        message = client.message(
            "REGISTER", uri(fleet), "demo", to="sip:demo@asterism", extra=[("Expires", "0")])
        message.headers = [(name, "*" if name == "Contact" else value) for name, value in message.headers]
        client.login(message, "demo", "demo")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_wrong_password_is_refused_and_registers_nobody(fleet: Fleet, transport: str):
    with edge(fleet, transport) as client:
        assert register(client, fleet, "demo", "wrong").status in (401, 403)
        _, answer = invite(client, fleet, "demo")
        assert answer.status == 480, "a contact was registered"


def test_an_unknown_subscriber_is_answered_like_a_wrong_password(fleet: Fleet):
    with edge(fleet) as client:
        unknown = register(client, fleet, "nobody", "demo")
        wrong = register(client, fleet, "demo", "wrong")
        assert (unknown.status, unknown.reason) == (wrong.status, wrong.reason)


def test_no_value_in_the_table_is_not_a_password(fleet: Fleet):
    for ha1_like in ("", "<null>", "0"):
        with edge(fleet) as client:
            assert register(client, fleet, "nobody", ha1_like).status in (401, 403)


def test_a_call_without_credentials_is_challenged(fleet: Fleet):
    with edge(fleet) as client:
        answer = client.ask(client.message("INVITE", uri(fleet, "8001"), "demo", body=SDP))
        assert answer.status == 407


def test_an_unknown_number_is_not_found(fleet: Fleet):
    with edge(fleet) as client:
        assert invite(client, fleet, "4711")[1].status == 404


@pytest.mark.parametrize("number", [
    f"move-{'0' * 32}-ast1", f"move-{'0' * 32}-ast9", f"move-{'0' * 32}-", f"move-{'0' * 33}-ast1",
    f"move-{'g' * 32}-ast1", f"move-{'0' * 32}-ast1%00", f"move-{'0' * 32}-ast1;x=y", "move-ast1", "move-",
])
def test_an_address_for_a_call_that_moves_cannot_be_made_up(fleet: Fleet, number: str):
    """Only a node's gateway knows whether it asked a phone to call there."""
    with edge(fleet) as client:
        answer = invite(client, fleet, number)[1]
        assert answer and answer.status in (400, 404), answer and answer.text
    until(lambda: fleet.calls() == [], 5, "nothing left of the call")


def test_nobody_calls_under_another_name(fleet: Fleet):
    with edge(fleet) as client:
        message = client.message("INVITE", uri(fleet, "8001"), "president", body=SDP)
        assert client.login(message, "demo", "demo").status in (403, 407)


def test_the_fleets_header_opens_nothing_to_a_phone(fleet: Fleet):
    extra = [("X-Asterism-Edge", "0" * 64), ("P-Asserted-Identity", "<sip:president@asterism>")]
    with edge(fleet) as client:
        answer = client.ask(client.message("INVITE", uri(fleet, "8001"), "demo", body=SDP, extra=extra))
        assert answer.status == 407


@pytest.mark.parametrize("route", ["<sip:{edge};lr>", "<sip:{edge};lr;dlg=00000000000000000000000000000000>"])
def test_a_forged_dialog_leads_nowhere(fleet: Fleet, route: str):
    """Without this anybody could send anything to a node, or through the edge to the world."""
    with edge(fleet) as client, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as victim:
        victim.bind((HOST, 0))
        target = f"sip:x@{HOST}:{victim.getsockname()[1]}"
        extra = [("Route", route.format(edge=f"{HOST}:{fleet.sip_port}"))]
        answer = client.ask(client.message("MESSAGE", target, "demo", to_tag="forged", extra=extra))
        assert answer.status == 481
        is_served(client, fleet)
        victim.settimeout(0.5)
        with pytest.raises(TimeoutError):
            victim.recv(2000)


def test_a_foreign_host_is_not_relayed_to(fleet: Fleet):
    with edge(fleet) as client:
        message = client.message("INVITE", "sip:stranger@192.0.2.77", "demo", body=SDP)
        assert client.login(message, "demo", "demo").status == 404


def test_scanners_get_no_answer(fleet: Fleet):
    with edge(fleet) as client:
        scan = client.message("OPTIONS", uri(fleet), "x", extra=[("User-Agent", "friendly-scanner")])
        client.send(scan.bytes())
        assert client.receive(0.5) is None
        # Nor does it come late.
        greeting = client.message("OPTIONS", uri(fleet), "x")
        client.send(greeting.bytes())
        first = client.receive(PATIENCE)
        assert first and first.is_to(greeting), first and first.text
        assert client.receive(0.5) is None


def test_a_phone_sees_nothing_of_the_nodes(fleet: Fleet):
    with edge(fleet) as client:
        answer = talk(client, fleet)
    nodes = [node.sip.rsplit(":", 1)[1] for node in fleet.nodes().values()]
    seen = answer.text.partition("\r\n\r\n")[0]
    assert not [port for port in nodes if re.search(rf"\b{port}\b", seen)]
    assert answer.all("Server") in ([], ["asterism"])
    assert not re.search(r"(?im)^x-asteris", seen)


def test_a_flood_is_cut_off_and_hurts_nobody_else(fleet: Fleet):
    with edge(fleet, source="127.0.0.66") as flood, edge(fleet) as client:
        for _ in range(1000):
            flood.send(flood.message("OPTIONS", uri(fleet), "x").bytes())
        while flood.receive(0.3):
            pass
        assert flood.ask(flood.message("OPTIONS", uri(fleet), "x"), 1) is None
        is_served(client, fleet)


def test_guessing_passwords_is_cut_off(fleet: Fleet):
    with edge(fleet, source="127.0.0.67") as guesser, edge(fleet) as client:
        def is_ignored() -> bool:
            """Guesses once more."""
            message = guesser.message("REGISTER", uri(fleet), "demo", to="sip:demo@asterism")
            challenge = guesser.ask(message, 1)
            if challenge:
                guesser.ask(guesser.authorized(message, challenge, "demo", "wrong"), 0.4)
            return challenge is None

        until(lambda: all(is_ignored() for _ in range(3)), 15, "the edge to answer no more guesses")
        assert register(client, fleet, "demo", "demo").status == 200


def test_the_rpc_port_wants_its_secret_and_serves_nothing_else(fleet: Fleet):
    import requests

    url = f"http://{HOST}:{RPC_PORT + fleet.port_offset}"
    call = {"jsonrpc": "2.0", "id": 1, "method": "htable.dump", "params": ["subscribers"]}
    assert requests.post(f"{url}/RPC", json=call, timeout=3).status_code == 403
    assert requests.post(f"{url}/RPC", json=call, headers={"X-Asterism-RPC": "wrong"}, timeout=3).status_code == 403
    assert requests.post(f"{url}/", json=call, timeout=3).status_code == 404
    phones = f"http://{HOST}:{fleet.sip_port}/RPC"
    assert requests.post(phones, json=call, timeout=3).status_code == 404


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_malformed_messages_leave_the_fleet_serving(fleet: Fleet, transport: str):
    cases = torture(HOST, fleet.sip_port)
    samples = [data for _, data in cases if data]
    hostile = [data for _, data in cases] + mutations(samples, 300, SEED)
    assert len(hostile) >= 100
    for data in hostile:
        throw(fleet, transport, data)
    with edge(fleet, transport) as client:
        until(lambda: register(client, fleet, "demo", "demo").status == 200, 10, "a phone to register again")
        talk(client, fleet)


def throw(fleet: Fleet, transport: str, data: bytes) -> None:
    """Sends one message on a socket of its own and does not wait for an answer."""
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as wire:
        try:
            if transport == "tcp":
                # The connection is cut rather than closed, as a scanner does; it leaves no port waiting.
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                wire.settimeout(2)
            wire.connect((HOST, fleet.sip_port))
            wire.sendall(data)
            wire.settimeout(0.01)
            wire.recv(65535)
        except OSError:
            pass  # refused, cut or silent: all of them are fine
