"""Knocks at ports, with SIP at those of UDP, and prints which of them answered, as JSON.

    usage: python knock.py ADDRESS tcp:PORT udp:PORT ...
"""

import json
import socket
import sys
import uuid
from contextlib import suppress

PATIENCE = 5
"""Seconds to wait for an answer: a port that is closed says so at once."""

AGAIN = 1
"""Seconds after which a datagram is sent once more."""


def answers(address: str, transport: str, port: int) -> bool:
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as knocker:
        knocker.settimeout(PATIENCE)
        try:
            knocker.connect((address, port))
            return transport == "tcp" or is_answered(knocker)
        except OSError:
            return False


def is_answered(knocker: socket.socket) -> bool:
    """Whether somebody answers SIP; raises where the port is closed."""
    knocker.settimeout(AGAIN)
    for _ in range(PATIENCE // AGAIN):
        knocker.send(options(knocker.getsockname(), knocker.getpeername()))
        with suppress(TimeoutError):
            return bool(knocker.recv(65535))
    return False


def options(here: tuple[str, int], there: tuple[str, int]) -> bytes:
    (own, own_port), (address, port) = here, there
    lines = [
        f"OPTIONS sip:{address}:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP {own}:{own_port};branch=z9hG4bK{uuid.uuid4().hex};rport",
        "Max-Forwards: 70",
        f"From: <sip:knock@{own}>;tag=1",
        f"To: <sip:{address}:{port}>",
        f"Call-ID: {uuid.uuid4().hex}",
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def main() -> None:
    address, *doors = sys.argv[1:]
    pairs = [door.split(":") for door in doors]
    print(json.dumps([f"{transport}:{port}" for transport, port in pairs if answers(address, transport, int(port))]))


if __name__ == "__main__":
    main()
