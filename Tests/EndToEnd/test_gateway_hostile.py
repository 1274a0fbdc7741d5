"""Random, truncated and senseless HTTP, WebSocket frames and JSON: the gateway goes on, and so do the nodes."""

import base64
import json
import os
import random
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from cluster_processes import pids
from fleet import CLUSTER, Fleet
from processes import resident_bytes
from wait import PATIENCE

SEED = int(os.environ.get("ASTERISM_FUZZ_SEED") or 4)
ROUNDS = 400
GROWTH = 48 << 20
"""Bytes by which the memory of a gateway may grow: what the allocator keeps, and no more with more rounds."""

A_WHILE = 0.05
"""Seconds of silence after which nothing more is awaited of a gateway that need not answer."""

AUTHORIZATION = "Basic " + base64.b64encode(b"wazo:wazo").decode()

WORDS = (
    "channels", "bridges", "none", "play", "record", "variable", "applications", "subscription", "recordings", "stored",
    "live", "events", "asterisk", "deviceStates", "%00", "%2F", "%", "..", "é", "\x7f", "a" * 300, "%F0%9F%98%80",
)

NAMES = ("app", "channel", "channelId", "media", "eventSource", "variable", "value", "type", "name", "format", "resume")

JSONS = (None, True, -1, 1e300, "", "x" * 1000, [], [[[[]]]], {}, {"variables": {"a": [1]}}, {"type": "RESTRequest"})


@pytest.fixture
def dice() -> random.Random:
    return random.Random(SEED)


@contextmanager
def connected(fleet: Fleet) -> Iterator[socket.socket]:
    port = int(fleet.gateway_url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        yield connection


def gateway_memory(fleet: Fleet) -> int:
    """Bytes that the processes with gateways hold."""
    gateways = [pid for name, pid in pids(fleet).items() if name.startswith("gateway")] if CLUSTER else []
    return sum(resident_bytes(pid) or 0 for pid in gateways or [fleet.process.pid])


@pytest.fixture
def unharmed(fleet: Fleet) -> Iterator[None]:
    """The gateway answers afterwards, is no larger, and every Asterisk is still the same process."""
    before = {node.name: node.pid for node in fleet.nodes().values()}
    memory = gateway_memory(fleet)
    yield
    assert fleet.ari("GET", "asterisk/ping").status_code == 200
    assert {node.name: node.pid for node in fleet.nodes().values()} == before
    assert gateway_memory(fleet) - memory < GROWTH


def ends(connection: socket.socket, patience: float = A_WHILE) -> bytes:
    """What is said, once it has begun within `patience`, until the other side closes or says nothing for a while."""
    said = b""
    connection.settimeout(patience)
    with suppress(TimeoutError, ConnectionError):
        while part := connection.recv(65536):
            said += part
            connection.settimeout(A_WHILE)
    return said


def random_request(dice: random.Random) -> bytes:
    path = "/".join(dice.choices(WORDS, k=dice.randint(0, 5)))
    query = "&".join(f"{dice.choice(NAMES)}={dice.choice(WORDS)}" for _ in range(dice.randint(0, 4)))
    body = json.dumps(dice.choice(JSONS)).encode() if dice.random() < 0.5 else dice.randbytes(dice.randint(0, 200))
    headers = [
        f"{dice.choice(('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'G ET', ''))} /ari/{path}?{query} HTTP/1.1",
        "Host: x", f"Authorization: {AUTHORIZATION}",
        f"Content-Type: {dice.choice(('application/json', 'application/x-www-form-urlencoded', 'x', ''))}",
        f"Content-Length: {dice.choice((len(body), len(body), len(body), 0, len(body) + 5, -1, 'x', 10**12))}",
    ]
    if dice.random() < 0.2:
        headers += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: x"]
    if dice.random() < 0.1:
        headers.append("X-Asterisk-ID: " + dice.choice(("ast1", "none", "", "é")))
    return "\r\n".join(headers).encode("utf-8", "replace") + b"\r\n\r\n" + body


def mangled(dice: random.Random, data: bytes) -> bytes:
    """Truncated, with bytes changed, doubled, or as it is."""
    if not data:
        return data
    match dice.randrange(4):
        case 0:
            return data[: dice.randrange(len(data))]
        case 1:
            changed = bytearray(data)
            for _ in range(dice.randint(1, 8)):
                changed[dice.randrange(len(changed))] = dice.randrange(256)
            return bytes(changed)
        case 2:
            return data * 2
    return data


def is_harmless(request: bytes) -> bool:
    """Whether it changes nothing that other tests rest on, such as the modules of an Asterisk."""
    return b"modules" not in request and b"logging" not in request


def test_http(fleet: Fleet, unharmed: None, dice: random.Random) -> None:
    rounds = answered = 0
    # On a busy machine fewer answers come in time.
    while rounds < ROUNDS or answered <= ROUNDS / 4:
        assert rounds < 4 * ROUNDS, f"only {answered} of {rounds} requests were answered"
        rounds += 1
        request = mangled(dice, random_request(dice))
        if not is_harmless(request):
            continue
        with connected(fleet) as connection:
            with suppress(ConnectionError):
                connection.sendall(request)
            said = ends(connection)
            assert not said or said.startswith(b"HTTP/1.1 "), said[:200]
            answered += bool(said)


def opened(connection: socket.socket) -> None:
    """Makes an event socket of a connection."""
    connection.sendall(
        f"GET /ari/events?app=e2e-fuzz HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTHORIZATION}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    head = b""
    while b"\r\n\r\n" not in head:
        byte = connection.recv(1)
        assert byte, f"the connection ended after {head!r}"
        head += byte
    assert head.startswith(b"HTTP/1.1 101")


def frame(dice: random.Random, payload: bytes, opcode: int | None = None, masked: bool = True) -> bytes:
    first = (dice.choice((0x80, 0x80, 0x80, 0, 0xF0))) | (dice.randrange(16) if opcode is None else opcode)
    size = len(payload)
    length = bytes([size]) if size < 126 else b"\x7e" + struct.pack(">H", size)
    mask = dice.randbytes(4) if masked else b""
    shown = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload)) if masked else payload
    return bytes([first, length[0] | (0x80 if masked else 0)]) + length[1:] + mask + shown


def frames(dice: random.Random) -> bytes:
    return b"".join(
        mangled(dice, frame(dice, dice.randbytes(dice.randint(0, 300)), masked=dice.random() < 0.8))
        for _ in range(dice.randint(1, 6))
    )


def requests_over_socket(dice: random.Random) -> bytes:
    members = {
        name: dice.choice((*JSONS, "GET", "DELETE", "channels", "channels/none", "RESTRequest", "/x", "events"))
        for name in ("type", "method", "uri", "transaction_id", "request_id", "query_strings", "message_body")
        if dice.random() < 0.9
    }
    text = json.dumps(members if dice.random() < 0.3 else {**members, "type": "RESTRequest"}).encode()
    return frame(dice, mangled(dice, text), opcode=1)


@pytest.mark.parametrize("made", (frames, requests_over_socket))
def test_what_comes_over_an_event_socket(
    fleet: Fleet, unharmed: None, dice: random.Random, made: Callable[[random.Random], bytes]
) -> None:
    for _ in range(ROUNDS // 4):
        with connected(fleet) as connection:
            opened(connection)
            with suppress(ConnectionError):
                for _ in range(dice.randint(1, 5)):
                    connection.sendall(made(dice))
            ends(connection)


@pytest.mark.parametrize("method", ("TRACE", "HEAD", "CONNECT", "PATCH"))
def test_a_method_that_is_not_of_ari_carries_nothing_to_a_node(fleet: Fleet, unharmed: None, method: str) -> None:
    """A body whose length is lost on the way would be read as the next request, and its answer given to another."""
    hidden = b"DELETE /ari/bridges/none HTTP/1.1\r\nHost: x\r\n\r\n"
    head = (
        f"{method} /ari/playbacks/none HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTHORIZATION}\r\n"
        f"Content-Length: {len(hidden)}\r\n\r\n"
    )
    for _ in range(8):
        with connected(fleet) as connection:
            connection.sendall(head.encode() + hidden)
            assert ends(connection, PATIENCE).startswith((b"HTTP/1.1 405", b"HTTP/1.1 400", b"HTTP/1.1 404"))
        assert fleet.ari("GET", "asterisk/ping").json()["ping"] == "pong"


def test_a_body_without_end_is_cut_off(fleet: Fleet, unharmed: None) -> None:
    with connected(fleet) as connection:
        connection.sendall(
            f"POST /ari/channels HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTHORIZATION}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        with suppress(ConnectionError):
            for _ in range(256):
                connection.sendall(chunk)
            connection.sendall(b"0\r\n\r\n")
        said = ends(connection)
        assert not said or said.startswith(b"HTTP/1.1 413")
