"""Clients that count WebSocket frames and note when each came: many in one process, without a library's cost."""

import asyncio
import base64
import json
import os
import time

MARK = b'"sent": '
"""Comes before the time of sending, in the body of an event."""


class Listener(asyncio.Protocol):
    """One client. It reads frames of the server, which are never masked and here never longer than 64 kB."""

    def __init__(self, hello: bytes, ready: asyncio.Event, wanted: bytes) -> None:
        self.frames = 0
        self.delays: list[float] = []
        self._hello = hello
        self._ready = ready
        self._wanted = wanted
        self._rest = b""

    def connection_made(self, transport: asyncio.Transport) -> None:
        transport.write(self._hello)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        data = self._rest + data
        if not self._ready.is_set():
            if self._wanted not in data:
                self._rest = data
                return
            data = data[data.index(self._wanted) + len(self._wanted):]
            self._ready.set()
        at = 0
        while len(data) - at >= 4:
            length, header = data[at + 1], 2
            if length == 126:
                length, header = int.from_bytes(data[at + 2:at + 4]), 4
            end = at + header + length
            if len(data) < end:
                break
            mark = data.find(MARK, at, end)
            if mark >= 0:
                self.frames += 1
                self.delays.append(now - float(data[mark + len(MARK):data.index(b"}", mark)]))
            at = end
        self._rest = data[at:]


async def connect(count: int, port: int, token: str | None) -> list[Listener]:
    """Opens so many, and waits until each hears events."""
    started = b'"op": "start", "code": 0, "data": null}'
    hello, wanted = (b"client\n", b"welcome\n") if token is None else (_upgrade(token), started)
    listeners = []
    loop = asyncio.get_running_loop()
    for _ in range(count):
        ready = asyncio.Event()
        _, listener = await loop.create_connection(
            lambda ready=ready: Listener(hello, ready, wanted), "127.0.0.1", port
        )
        await asyncio.wait_for(ready.wait(), 20)
        listeners.append(listener)
    return listeners


def event(number: int) -> bytes:
    """The body of an event, as large as one of applicationd."""
    body = {"name": "bench", "number": number, "filler": "x" * 500}
    return json.dumps(body)[:-1].encode() + b', "data": {' + MARK + f"{time.monotonic():.6f}".encode() + b"}}"


def frame(body: bytes) -> bytes:
    """An unmasked frame of text."""
    return b"\x81\x7e" + len(body).to_bytes(2) + body


def _upgrade(token: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET /?version=2&token={token} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()
    return head + _masked('{"op":"subscribe","data":{"event_name":"*"}}') + _masked('{"op":"start"}')


def _masked(text: str) -> bytes:
    return bytes([0x81, 0x80 | len(text)]) + bytes(4) + text.encode()
