"""websocketd's port from the hostile side: what no client of it sends, over real sockets with and without TLS."""

import base64
import json
import os
import socket
import ssl
import stat
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import websocket

from cluster_processes import pids
from fleet import Fleet

HANDSHAKE_TIMEOUT = 10.0
"""Seconds that websocketd gives a connection to become a WebSocket."""

SLACK = 8.0
"""Seconds by which a busy machine may be late with cutting off 300 of them."""

GROWTH = 40_000
"""Kilobytes by which floods that are bounded may leave the process larger."""

CONTINUATION, TEXT, CLOSE = 0x0, 0x1, 0x8


class RawClient:
    """A connection that says whatever bytes it is told to say."""

    def __init__(self, fleet: Fleet) -> None:
        self.socket = socket.create_connection(("127.0.0.1", fleet.websocketd_port), timeout=2 * HANDSHAKE_TIMEOUT)

    def send(self, data: bytes) -> bool:
        """False when the other side has closed the connection."""
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def rest(self) -> bytes:
        """All that comes until the other side closes the connection."""
        heard = b""
        try:
            while piece := self.socket.recv(65536):
                heard += piece
        except ConnectionError:
            pass
        return heard

    def upgrade(self, fleet: Fleet) -> "RawClient":
        key = base64.b64encode(os.urandom(16)).decode()
        self.send(
            f"GET /?version=2&token={fleet.token()} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        heard = b""
        while b'"init"' not in heard:
            piece = self.socket.recv(65536)
            assert piece, f"an upgraded connection; it said {heard!r}"
            heard += piece
        assert heard.startswith(b"HTTP/1.1 101")
        return self

    def frame(self, operation: int, payload: bytes, *, final: bool = True) -> bool:
        """One frame as clients send them (RFC 6455 section 5.2), masked with zeros."""
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else (
            bytes([0xFE]) + struct.pack("!H", size) if size < 1 << 16 else bytes([0xFF]) + struct.pack("!Q", size)
        )
        return self.send(bytes([(0x80 if final else 0) | operation]) + length + bytes(4) + payload)

    def close_code(self) -> int | None:
        """The code of the close frame that ends the session; None if the connection ends without one."""
        heard = b""
        try:
            while piece := self.socket.recv(65536):
                heard += piece
                while len(heard) >= 2 and len(heard) >= 2 + heard[1]:  # the server's frames are short here
                    if heard[0] & 0xF == CLOSE:
                        return struct.unpack("!H", heard[2:4])[0]
                    heard = heard[2 + heard[1]:]
        except ConnectionError:
            pass
        return None


@pytest.fixture
def raw(fleet: Fleet) -> Iterator[RawClient]:
    client = RawClient(fleet)
    yield client
    client.socket.close()


def resident(fleet: Fleet) -> int:
    """Kilobytes of the process that websocketd is, or is part of."""
    pid = pids(fleet)["websocketd"] if fleet.cluster else fleet.process.pid
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def still_serves(fleet: Fleet) -> None:
    """Somebody else is welcome, and is answered."""
    client = websocket.create_connection(
        f"ws://127.0.0.1:{fleet.websocketd_port}/?version=2", header=[f"X-Auth-Token: {fleet.token()}"], timeout=5
    )
    assert json.loads(client.recv())["op"] == "init"
    client.send(json.dumps({"op": "ping", "data": {"payload": "there?"}}))
    assert json.loads(client.recv()) == {"op": "pong", "code": 0, "data": {"payload": "there?"}}
    client.close()


@pytest.mark.parametrize("request_line", ["GET / HTTP/1.1", "POST /api/websocketd/ HTTP/1.1", "GET /x HTTP/1.0"])
def test_what_is_no_upgrade_is_told_so(fleet: Fleet, raw: RawClient, request_line: str) -> None:
    raw.send(f"{request_line}\r\nHost: localhost\r\n\r\n".encode())
    head, _, body = raw.rest().partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0].split()[1] == "426"
    assert "upgrade: websocket" in [line.lower() for line in lines]
    assert "WebSocket" in json.loads(body)["message"]


def test_bytes_that_are_neither_http_nor_tls_end_the_connection(fleet: Fleet, raw: RawClient) -> None:
    raw.send(b"\x00\xff\xfe nonsense \x80\r\n\r\n")
    assert raw.rest()[:12] in (b"", b"HTTP/1.1 400")
    still_serves(fleet)


def test_tls_that_is_none_ends_the_connection(fleet: Fleet, raw: RawClient) -> None:
    raw.send(b"\x16\x03\x01\x40\x00" + os.urandom(2000))
    raw.send(os.urandom(20_000))
    raw.rest()
    still_serves(fleet)


def test_a_flood_of_header_fields_is_refused_and_not_kept(fleet: Fleet, raw: RawClient) -> None:
    before = resident(fleet)
    raw.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    field = b"X-Flood: " + b"x" * 8000 + b"\r\n"
    sent = 0
    while sent < 200_000_000 and raw.send(field):
        sent += len(field)
    assert sent < 200_000_000, "the connection is closed"
    assert resident(fleet) - before < GROWTH
    still_serves(fleet)


def test_a_body_without_end_is_not_read(fleet: Fleet, raw: RawClient) -> None:
    begun = time.monotonic()
    raw.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n"
    while time.monotonic() < begun + 5 and raw.send(chunk):
        pass
    assert time.monotonic() < begun + 5, "the connection is closed"
    still_serves(fleet)


def test_handshakes_that_never_come_to_their_end_are_cut_off_and_keep_nobody_out(fleet: Fleet, raw: RawClient) -> None:
    begun = time.monotonic()
    silent = [RawClient(fleet) for _ in range(300)]
    raw.send(b"GET / HTTP/1.1\r\nX-Slow: ")
    still_serves(fleet)
    raw.socket.settimeout(0.5)
    while time.monotonic() < begun + 2 * HANDSHAKE_TIMEOUT:
        try:
            if not raw.socket.recv(1000):
                break
        except TimeoutError:
            if not raw.send(b"x"):
                break
        except ConnectionError:
            break
    assert HANDSHAKE_TIMEOUT - 2 < time.monotonic() - begun < HANDSHAKE_TIMEOUT + SLACK, "the slow one is cut off"
    for client in silent:
        assert client.rest() == b""
        client.socket.close()
    assert time.monotonic() - begun < HANDSHAKE_TIMEOUT + SLACK, "the silent ones as well"


@pytest.mark.parametrize(
    "text, code",
    [
        (b'{"op":"ping","data":{"payload":"\xff\xfe"}}', 1007), (b"\xc3(", 1007), (b"[]", 4004),
        (b'{"op":5}', 4004), (b'{"op":"subscribe"}', 4004), (b'{"op":"other"}', 4004), (b"[" * 100_000, 4004),
    ],
    ids=["bad UTF-8 in a text", "bad UTF-8", "no object", "op is a number", "no data", "unknown op", "deep nesting"],
)
def test_frames_that_are_no_commands_end_the_session(fleet: Fleet, raw: RawClient, text: bytes, code: int) -> None:
    raw.upgrade(fleet).frame(TEXT, text)
    assert raw.close_code() == code
    still_serves(fleet)


def test_a_message_in_more_pieces_than_anybody_needs_is_refused(fleet: Fleet, raw: RawClient) -> None:
    before = resident(fleet)
    raw.upgrade(fleet).frame(TEXT, b"{", final=False)
    for _ in range(100_000):
        if not raw.frame(CONTINUATION, b" " * 1000, final=False):
            break
    assert raw.close_code() == 1009
    assert resident(fleet) - before < GROWTH
    still_serves(fleet)


def test_a_frame_that_says_it_is_enormous_is_refused_at_once(fleet: Fleet, raw: RawClient) -> None:
    raw.upgrade(fleet)
    raw.send(bytes([0x80 | TEXT, 0xFF]) + struct.pack("!Q", 1 << 40) + bytes(4))
    assert raw.close_code() == 1009
    still_serves(fleet)


def test_wss_works_on_the_same_port_and_its_key_is_for_the_owner_only(fleet: Fleet) -> None:
    [certificate] = fleet.state.rglob("websocketd.crt")
    assert stat.S_IMODE(certificate.with_suffix(".key").stat().st_mode) == 0o600
    client = websocket.create_connection(
        f"wss://localhost:{fleet.websocketd_port}/?version=2", header=[f"X-Auth-Token: {fleet.token()}"], timeout=5,
        sslopt={"ca_certs": str(certificate)},
    )
    assert json.loads(client.recv())["op"] == "init"
    assert client.sock.version() in ("TLSv1.2", "TLSv1.3")
    client.close()
    with pytest.raises(ssl.SSLError):
        websocket.create_connection(f"wss://localhost:{fleet.websocketd_port}/", timeout=5)
