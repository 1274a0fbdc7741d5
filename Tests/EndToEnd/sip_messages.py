"""SIP written by hand: a client that says exactly what a test wants, and messages that nobody should send."""

import hashlib
import itertools
import random
import re
import select
import socket
import time
import uuid
from dataclasses import dataclass, field

REALM = "asterism"

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)


@dataclass
class Response:
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: str
    text: str

    @classmethod
    def parse(cls, data: bytes) -> "Response":
        text = data.decode(errors="replace")
        head, _, body = text.partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        _, status, reason = (first.split(" ", 2) + [""])[:3]
        headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        return cls(int(status), reason, headers, body, text)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def __getitem__(self, name: str) -> str:
        return self.all(name)[0]

    def is_to(self, message: "Message") -> bool:
        """Whether it answers this request (RFC 3261, section 8.1.3.3, but for the branch)."""
        asked = dict(message.headers)
        return all(self.all(name) == [asked[name]] for name in ("Call-ID", "CSeq"))


@dataclass
class Message:
    """A request under construction; headers keep their order."""

    method: str
    uri: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    def bytes(self) -> bytes:
        lines = [f"{self.method} {self.uri} SIP/2.0", *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join([*lines, f"Content-Length: {len(self.body)}", "", self.body]).encode()


class Client:
    """A socket that speaks to the edge, over UDP or TCP, from an address of its own on loopback."""

    def __init__(self, host: str, port: int, transport: str = "udp", source: str = "127.0.0.1") -> None:
        self.edge = (host, port)
        self.transport = transport
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.bind((source, 0))
        if transport == "tcp":
            self.socket.settimeout(5)
            self.socket.connect(self.edge)
        self.local = "{}:{}".format(*self.socket.getsockname())
        self.sequence = itertools.count(1)
        self.pending = b""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        if self.transport == "udp":
            self.socket.sendto(data, self.edge)
        else:
            self.socket.sendall(data)

    def message(self, method: str, uri: str, user: str, **options) -> Message:
        """A well-formed request from `user`. Options: to, call_id, tag, to_tag, cseq, body, extra (headers)."""
        branch = f"z9hG4bK{uuid.uuid4().hex}"
        to_tag = options.get("to_tag")
        headers = [
            ("Via", f"SIP/2.0/{self.transport.upper()} {self.local};branch={branch};rport"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{user}@{REALM}>;tag={options.get('tag') or uuid.uuid4().hex[:8]}"),
            ("To", f"<{options.get('to') or uri}>" + (f";tag={to_tag}" if to_tag else "")),
            ("Call-ID", options.get("call_id") or uuid.uuid4().hex),
            ("CSeq", f"{options.get('cseq') or next(self.sequence)} {method}"),
            ("Contact", f"<sip:{user}@{self.local};transport={self.transport}>"),
            *options.get("extra", []),
        ]
        body = options.get("body", "")
        if body:
            headers.append(("Content-Type", "application/sdp"))
        return Message(method, uri, headers, body)

    def receive(self, timeout: float = 2) -> Response | None:
        """The next response, or None if there is none in time. Requests from the edge are skipped."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            data = self._next(left)
            if data is None:
                return None
            if data.startswith(b"SIP/2.0 "):
                return Response.parse(data)
        return None

    def final(self, message: Message, timeout: float = 6) -> Response | None:
        """The next final response to a request, or None. One to an earlier request of the same call may come twice."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            response = self.receive(left)
            if response and response.status >= 200 and response.is_to(message):
                return response
        return None

    def ask(self, message: Message, timeout: float = 6) -> Response | None:
        """Sends a request, again while it is silent as UDP wants it, and returns its final response."""
        attempts = 1 if self.transport == "tcp" else 4
        for _ in range(attempts):
            self.send(message.bytes())
            response = self.final(message, timeout / attempts)
            if response:
                return response
        return None

    def login(self, message: Message, user: str, password: str) -> Response | None:
        """Sends a request, answers the challenge, and returns what came after it; ACKs refused INVITEs."""
        challenge = self.ask(message)
        if not challenge or challenge.status not in (401, 407):
            return challenge
        self.acknowledge(message, challenge)
        return self.ask(self.authorized(message, challenge, user, password))

    def authorized(self, message: Message, challenge: Response, user: str, password: str) -> Message:
        """The request once more, with credentials."""
        name, answer = ("WWW-Authenticate", "Authorization")
        if challenge.status == 407:
            name, answer = ("Proxy-Authenticate", "Proxy-Authorization")
        credentials = digest(challenge[name], message.method, message.uri, user, password)
        renewed = {"Via": f"{dict(message.headers)['Via'].split(';')[0]};branch=z9hG4bK{uuid.uuid4().hex};rport"}
        renewed["CSeq"] = f"{next(self.sequence) + 1000} {message.method}"
        headers = [(key, renewed.get(key, value)) for key, value in message.headers]
        return Message(message.method, message.uri, [*headers, (answer, credentials)], message.body)

    def acknowledge(self, invite: Message, refusal: Response) -> None:
        """The ACK that ends a refused INVITE."""
        if invite.method != "INVITE":
            return
        kept = [(name, value) for name, value in invite.headers if name in ("Via", "Max-Forwards", "From", "Call-ID")]
        number = dict(invite.headers)["CSeq"].split()[0]
        self.send(Message("ACK", invite.uri, [*kept, ("To", refusal["To"]), ("CSeq", f"{number} ACK")]).bytes())

    def within(self, method: str, invite: Message, answer: Response, extra: list[tuple[str, str]] = ()) -> Message:
        """A request within the dialog that `answer` opened."""
        copied = ("Max-Forwards", "From", "Call-ID", "Contact")
        kept = [(name, value) for name, value in invite.headers if name in copied]
        number = int(dict(invite.headers)["CSeq"].split()[0]) + (0 if method == "ACK" else 1)
        routes = [("Route", value) for line in answer.all("Record-Route") for value in reversed(line.split(","))][::-1]
        via = f"SIP/2.0/{self.transport.upper()} {self.local};branch=z9hG4bK{uuid.uuid4().hex};rport"
        target = re.search(r"<(.+?)>", answer["Contact"]).group(1)
        headers = [("Via", via), *routes, *kept, ("To", answer["To"]), ("CSeq", f"{number} {method}"), *extra]
        return Message(method, target, headers)

    def _next(self, timeout: float) -> bytes | None:
        if self.transport == "udp":
            ready, _, _ = select.select([self.socket], [], [], timeout)
            return self.socket.recv(65535) if ready else None
        deadline = time.monotonic() + timeout
        while True:
            head, separator, rest = self.pending.lstrip(b"\r\n").partition(b"\r\n\r\n")
            length = re.search(rb"(?im)^(?:content-length|l)\s*:\s*(\d+)", head) if separator else None
            size = int(length.group(1)) if length else 0
            if separator and len(rest) >= size:
                self.pending = rest[size:]
                return head + separator + rest[:size]
            ready, _, _ = select.select([self.socket], [], [], max(0, deadline - time.monotonic()))
            data = self.socket.recv(65535) if ready else b""
            if not data:
                return None
            self.pending += data


def digest(challenge: str, method: str, uri: str, user: str, password: str) -> str:
    """The answer to a digest challenge (RFC 2617, with or without qop=auth)."""
    offered = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    ha1, ha2 = md5(f"{user}:{offered['realm']}:{password}"), md5(f"{method}:{uri}")
    parts = [f'username="{user}"', f'realm="{offered["realm"]}"', f'nonce="{offered["nonce"]}"', f'uri="{uri}"']
    if "qop" in offered:
        client = uuid.uuid4().hex[:8]
        response = md5(f"{ha1}:{offered['nonce']}:00000001:{client}:auth:{ha2}")
        parts += [f'cnonce="{client}"', "nc=00000001", "qop=auth"]
    else:
        response = md5(f"{ha1}:{offered['nonce']}:{ha2}")
    return "Digest " + ", ".join([*parts, f'response="{response}"', "algorithm=MD5"])


def torture(host: str, port: int) -> list[tuple[str, bytes]]:
    """Malformed and odd requests by name, after RFC 4475 and what scanners send."""
    edge = f"{host}:{port}"

    def request(
        first: str = f"INVITE sip:8001@{edge} SIP/2.0", body: str = "", drop: str = "", **changes: str
    ) -> bytes:
        headers = {
            "Via": "SIP/2.0/UDP 127.0.0.1:39999;branch=z9hG4bK" + uuid.uuid4().hex,
            "Max-Forwards": "70",
            "From": "<sip:demo@asterism>;tag=1",
            "To": f"<sip:8001@{edge}>",
            "Call-ID": uuid.uuid4().hex,
            "CSeq": "1 INVITE",
            "Contact": "<sip:demo@127.0.0.1:39999>",
            "Content-Length": str(len(body)),
        }
        headers |= {name.replace("_", "-"): value for name, value in changes.items()}
        headers.pop(drop, None)
        lines = [first, *(f"{name}: {value}" for name, value in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("utf-8", "surrogateescape")

    def register(**changes: str) -> bytes:
        return request(f"REGISTER sip:{edge} SIP/2.0", **({"CSeq": "1 REGISTER"} | changes))

    whole = request(body=SDP)
    cases = {
        "empty": b"",
        "one byte": b"\0",
        "line ends only": b"\r\n" * 200,
        "zeros": b"\0" * 2000,
        "no SIP at all": b"GET / HTTP/1.0\r\n\r\n",
        "HTTP with a body": b"POST /RPC HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
        "TLS hello": bytes.fromhex("16030100a5010000a10303") + b"\xaa" * 160,
        "STUN": bytes.fromhex("000100002112a442") + b"\1" * 12,
        "wrong version": request(f"INVITE sip:8001@{edge} SIP/7.0"),
        "no version": request(f"INVITE sip:8001@{edge}"),
        "spaces in the first line": request(f"INVITE   sip:8001@{edge}   SIP/2.0"),
        "no URI": request("INVITE  SIP/2.0"),
        "URI in brackets": request(f"INVITE <sip:8001@{edge}> SIP/2.0"),
        "unknown scheme": request("INVITE nobodyKnowsThisScheme:totallyopaque SIP/2.0"),
        "http URI": request("INVITE http://127.0.0.1/ SIP/2.0"),
        "tel URI": request("INVITE tel:+15551234 SIP/2.0"),
        "long URI": request(f"INVITE sip:{'a' * 8000}@{edge} SIP/2.0"),
        "escaped zero in the user": request(f"INVITE sip:8001%00evil@{edge} SIP/2.0"),
        "format characters in the user": request(f"INVITE sip:%25n%25s%25x@{edge} SIP/2.0"),
        "header in the URI": request(f"INVITE sip:8001@{edge}?Route=%3Csip:127.0.0.1%3E SIP/2.0"),
        "port out of range": request("INVITE sip:8001@127.0.0.1:99999999 SIP/2.0"),
        "bad IPv6": request("INVITE sip:8001@[::zz]:5060 SIP/2.0"),
        "no user": request(f"INVITE sip:{edge} SIP/2.0"),
        "no Via": request(drop="Via"),
        "no From": request(drop="From"),
        "no To": request(drop="To"),
        "no Call-ID": request(drop="Call-ID"),
        "no CSeq": request(drop="CSeq"),
        "no Max-Forwards": request(drop="Max-Forwards"),
        "no headers": f"INVITE sip:8001@{edge} SIP/2.0\r\n\r\n".encode(),
        "empty headers": request(Via="", From="", To="", Call_ID="", CSeq=""),
        "Via without a branch": request(Via="SIP/2.0/UDP 127.0.0.1:39999"),
        "Via of another protocol": request(Via="SIP/9.1/UNKNOWN host;branch=x"),
        "Via of junk": request(Via="\x01\x02 ;;;,,,"),
        "a hundred Vias": request(Via=", ".join(["SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bKa"] * 100)),
        "encoded Via": request(
            Via="SIP/2.0/UDP 127.0.0.8;branch=z9hG4bKsr-!!!!, SIP/2.0/UDP 127.0.0.8;branch=z9hG4bKsr-x"
        ),
        "CSeq of another method": request(CSeq="1 BYE"),
        "CSeq below zero": request(CSeq="-1 INVITE"),
        "CSeq too large": request(CSeq="36893488147419103232 INVITE"),
        "CSeq without a number": request(CSeq="INVITE"),
        "Max-Forwards of 0": request(Max_Forwards="0"),
        "Max-Forwards below zero": request(Max_Forwards="-7"),
        "Max-Forwards of 300": request(Max_Forwards="300"),
        "Max-Forwards of letters": request(Max_Forwards="many"),
        "Content-Length below zero": request(Content_Length="-999", body=SDP),
        "Content-Length too large": request(Content_Length="9999", body=SDP),
        "Content-Length enormous": request(Content_Length="99999999999999999999", body=SDP),
        "Content-Length too small": request(Content_Length="5", body=SDP),
        "Content-Length of letters": request(Content_Length="abc", body=SDP),
        "From without a tag": request(From="<sip:demo@asterism>"),
        "From with an open quote": request(From='"Mr. Jones <sip:demo@asterism>;tag=1'),
        "From with an open bracket": request(From="<sip:demo@asterism;tag=1"),
        "From of junk": request(From="\x7f\x00\xff<><>"),
        "a long display name": request(From='"' + "x" * 20000 + '" <sip:demo@asterism>;tag=1'),
        "invalid UTF-8": request(From='"\udcff\udcfe" <sip:demo@asterism>;tag=1'),
        "two tags": request(To=f"<sip:8001@{edge}>;tag=a;tag=b"),
        "To of another user": request(To="<sip:nobody@nowhere>"),
        "Contact of junk": request(Contact="<<<>>>;;;"),
        "Contact of a star": request(Contact="*"),
        "folded headers": request(Subject="a\r\n b\r\n\tc"),
        "header without a colon": request() [:-4] + b"\r\nNotAHeader\r\n\r\n",
        "header without a name": request()[:-4] + b"\r\n: value\r\n\r\n",
        "one long header": request(X_Long="y" * 50000),
        "a thousand headers": request(**{f"X-{index}": "z" for index in range(1000)}),
        "Proxy-Require": request(Proxy_Require="nothingSupportsThis"),
        "Require": request(Require="nothingSupportsThis, norThis"),
        "unknown content": request(Content_Type="application/unknownformat", body="\x01\x02"),
        "broken SDP": request(Content_Type="application/sdp", body="v=0\r\nm=\r\nc=IN IP9\r\n"),
        "unknown method": request(f"NEWMETHOD sip:8001@{edge} SIP/2.0", CSeq="1 NEWMETHOD"),
        "method of odd letters": request(f"!interesting-Method0123456789_*+`.%indeed'~ sip:8001@{edge} SIP/2.0"),
        "lower case method": request(f"invite sip:8001@{edge} SIP/2.0"),
        "long method": request("A" * 5000 + f" sip:8001@{edge} SIP/2.0"),
        "ACK of nothing": request(f"ACK sip:8001@{edge} SIP/2.0", CSeq="1 ACK"),
        "CANCEL of nothing": request(f"CANCEL sip:8001@{edge} SIP/2.0", CSeq="1 CANCEL"),
        "BYE of nothing": request(f"BYE sip:8001@{edge} SIP/2.0", CSeq="1 BYE", To="<sip:x@y>;tag=none"),
        "PRACK of nothing": request(f"PRACK sip:8001@{edge} SIP/2.0", CSeq="1 PRACK", RAck="1 1 INVITE"),
        "Route to another host": request(Route="<sip:192.0.2.77;lr>", To="<sip:x@y>;tag=none"),
        "Route to the edge": request(Route=f"<sip:{edge};lr>", To="<sip:x@y>;tag=none"),
        "Route of junk": request(Route="<sip:;lr>, <>, ,,,", To="<sip:x@y>;tag=none"),
        "encoded target of junk": request("BYE sip:127.0.0.8;line=sr-%%%% SIP/2.0", To="<sip:x@y>;tag=none"),
        "Record-Route of junk": request(Record_Route="<<<;;;>>>"),
        "Refer-To of junk": request(f"REFER sip:8001@{edge} SIP/2.0", CSeq="1 REFER", Refer_To="<<>"),
        "Replaces of junk": request(Replaces=";;;to-tag=;from-tag"),
        "bad date": request(Date="Fri, 01 Jan 2010 16:00:00 EST"),
        "bad Expires": register(Expires="-1"),
        "Expires too large": register(Expires="99999999999999999999"),
        "REGISTER without a Contact": register(Contact=""),
        "REGISTER of a star with Expires": register(Contact="*", Expires="10"),
        "REGISTER with a header in its Contact": register(Contact="<sip:demo@127.0.0.1?Route=%3Csip:x%3E>"),
        "credentials of junk": register(Authorization="Digest " + ",".join(["x"] * 500)),
        "credentials of no scheme": register(Authorization="NoOneKnowsThisScheme opaque-data=here"),
        "credentials of nothing": register(Authorization="Digest"),
        "unterminated credentials": register(Authorization='Digest username="demo, realm="asterism'),
        "response to nothing": (
            b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bKx\r\nCSeq: 1 INVITE\r\n\r\n"
        ),
        "response with a huge code": b"SIP/2.0 4294967301 better not break the receiver\r\nCSeq: 1 INVITE\r\n\r\n",
        "response to another host": whole.replace(b"INVITE sip:", b"SIP/2.0 100 ", 1),
        "bare line feeds": whole.replace(b"\r\n", b"\n"),
        "bare carriage returns": whole.replace(b"\r\n", b"\r"),
        "no end of headers": whole.split(b"\r\n\r\n")[0],
        "cut within a header": whole[:150],
        "cut within the first line": whole[:9],
        "two in one": whole + whole,
        "larger than a datagram should be": request(body="a" * 60000),
        "dispatcher's own probe": request(f"OPTIONS sip:available@{edge} SIP/2.0", CSeq="1 OPTIONS"),
        "the fleet's header": request(X_Asterism_Edge="0" * 64),
    }
    return list(cases.items())


def mutations(samples: list[bytes], count: int, seed: int) -> list[bytes]:
    """`count` random variations of good and bad messages; the same for the same seed."""
    random_ = random.Random(seed)
    pieces = [
        b"\r\n", b"\0", b";", b",", b"<", b">", b'"', b":", b"%", b"\xff", b"sip:", b"@", b" ",
        b"=" * 300, b"0" * 40, b"-1",
    ]

    def change(data: bytearray) -> None:
        at = random_.randrange(len(data) + 1)
        match random_.randrange(5):
            case 0:
                data[at:at] = random_.choice(pieces)
            case 1:
                del data[at:at + random_.randrange(1, 40)]
            case 2:
                data[at:at + 1] = bytes([random_.randrange(256)])
            case 3:
                length = random_.randrange(1, 120)
                data[at:at] = data[at:at + length]
            case 4:
                other = random_.choice(samples)
                cut = random_.randrange(len(other) + 1)
                data[at:] = other[cut:cut + 2000]

    mutants = []
    for _ in range(count):
        data = bytearray(random_.choice(samples))
        for _ in range(random_.randrange(1, 8)):
            change(data)
        mutants.append(bytes(data[:60000]))
    return mutants
