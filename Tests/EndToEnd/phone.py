"""SIP phones: each registers, calls and is called, plays a tone into the call and records what it hears."""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import sound
from sound import Sound
from wait import until

SETUP = 10
"""Seconds that a registration or a call may take to be answered, one way or the other."""

AT_A_TIME = 4
"""How many calls one phone can have."""


@dataclass(frozen=True)
class Place:
    """Where a phone is: its own address, the edge's as seen from there, and what it takes to start a program there."""

    address: str = "127.0.0.1"
    edge: str = "127.0.0.1"
    within: tuple[str, ...] = ()


HERE = Place()
"""On this machine's loopback."""


class PhoneDied(Exception):
    """The process of a phone has ended by itself: the fault is the SIP stack's, or of what it was told."""


class Phone:
    """One SIP account on a socket of its own. The phone itself is `softphone.py`, in another process."""

    def __init__(
        self, user: str, password: str, edge_port: int, *, transport: str = "udp", hertz: float | None = None,
        folder: Path | None = None, place: Place = HERE, refusals: dict[str, int] | None = None,
    ) -> None:
        """A phone at `place` that knows the edge's port; with `hertz` it sends that tone in every call.

        `refusals` are the SIP statuses with which it refuses to be moved: by `replaces`, by `refer`.
        """
        self.user = user
        self.hertz = hertz
        self.calls: list[Call] = []
        self.registration: tuple[int, str] | None = None
        self.trouble = ""
        self.edge = f"{place.edge}:{edge_port}" + (";transport=tcp" if transport == "tcp" else "")
        self._is_open = threading.Event()
        self._incoming = threading.Semaphore(0)
        self._own_folder = None if folder else Path(tempfile.mkdtemp(prefix="asterism-phone-"))
        folder = folder or self._own_folder
        plays = str(sound.write(folder / f"{user}-tone.wav", sound.tone(hertz))) if hertz else None
        settings = {
            "user": user, "password": password, "address": place.address, "edge": self.edge, "transport": transport,
            "plays": plays, "recordings": str(folder / f"{user}-{id(self):x}"), "refusals": refusals or {},
        }
        self._errors = folder / f"{user}-{id(self):x}.err"
        program = Path(__file__).with_name("softphone.py")
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [*place.within, sys.executable, str(program), json.dumps(settings)], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=errors, text=True, bufsize=1,
            )
        self._listener = threading.Thread(target=self._listen, name=f"phone {user}", daemon=True)
        self._listener.start()
        if not self._is_open.wait(SETUP):
            raise TimeoutError(f"the phone of {user} did not start")

    def register(self) -> "Phone":
        """Registers, and fails unless the edge accepts, which may have to hear of a new account first.

        It is asked once a second: it shuts out who fails too often.
        """
        until(
            lambda: self.try_register()[0] == 200, SETUP,
            lambda: f"{self.user} to be registered; the last answer was {self.registration}", interval=1,
        )
        return self

    def try_register(self) -> tuple[int, str]:
        """Registers, and returns the edge's last word."""
        return self._renew(True)

    def unregister(self) -> None:
        self._renew(False)

    def dial(self, number: str) -> "Call":
        """Starts a call; see `Call.answered` and `Call.refused` for its outcome."""
        call = Call(self, f"out{len(self.calls) + 1}")
        self.calls.append(call)
        self.tell("dial", call=call.name, uri=f"sip:{number}@{self.edge}")
        return call

    def call(self, number: str) -> "Call":
        """Dials, and fails unless somebody answers."""
        return self.dial(number).answered()

    def expect_call(self, timeout: float = SETUP) -> "Call":
        """Waits for a call to ring here and returns it, not yet answered."""
        if not self._incoming.acquire(timeout=timeout):
            raise TimeoutError(f"{self.user} was not called within {timeout:g} s")
        return self.calls[-1]

    def hang_up(self) -> None:
        """Ends every call of this phone and waits until the other side has confirmed each."""
        for call in self.calls:
            call.drop()
        for call in self.calls:
            call.ended()

    def close(self) -> None:
        """Says BYE to whoever is there and ends the phone."""
        if self._process.stdin.closed:
            return
        try:
            self.hang_up()
        except (TimeoutError, OSError, PhoneDied):
            pass  # the other side may be dead, which is some tests' point, or the phone, which its user was told
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # it has died, which is told to whoever uses it
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(5)
        self._process.stdout.close()
        if self._own_folder:
            shutil.rmtree(self._own_folder, ignore_errors=True)

    def tell(self, command: str, **details) -> None:
        try:
            self._process.stdin.write(json.dumps({"do": command, **details}) + "\n")
        except BrokenPipeError:
            said = self._errors.read_text(errors="replace")[-2000:]
            raise PhoneDied(f"{self.user}'s phone ended with {self._process.wait(5)}: {said}") from None

    def _renew(self, wanted: bool) -> tuple[int, str]:
        self.registration = None
        self.tell("register", wanted=wanted)
        return until(lambda: self.registration, SETUP, f"an answer to REGISTER of {self.user}")

    def _listen(self) -> None:
        for line in self._process.stdout:
            event = json.loads(line)
            match event.pop("event"):
                case "open":
                    self._is_open.set()
                case "registration":
                    self.registration = (event["code"], event["reason"])
                case "ringing":
                    self.calls.append(Call(self, event["call"], event["invitation"]))
                    self._incoming.release()
                case "trouble":
                    self.trouble = event["text"]
                case kind:
                    name = event.pop("call")
                    next(call for call in reversed(self.calls) if call.name == name).heed(kind, **event)


class Call:
    """One call of one phone. What it hears goes to a file that can be read while the call goes on."""

    def __init__(self, phone: Phone, name: str, invitation: str = "") -> None:
        self.phone = phone
        self.name = name
        self.invitation = invitation
        self.dialled_at = time.monotonic()
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.code = 0
        self.reason = ""
        self.digits = ""
        self.replacements = 0
        """How often the other side put another dialog in place of the one that there was."""
        self.referrals: list[str] = []
        """The addresses at which the other side asked to call on."""
        self.remote_port = 0
        """The UDP port that the other side receives this call's sound on, from its SDP."""
        self.recording: Path | None = None
        self._recorded_since = 0.0

    def __repr__(self) -> str:
        state = "up" if self.is_up else f"ended, {self.code} {self.reason}" if self.ended_at else "not answered"
        return f"<call of {self.phone.user}: {state}{', ' + self.phone.trouble if self.phone.trouble else ''}>"

    def heed(self, event: str, **details) -> None:
        """Takes in what the phone reports."""
        match event:
            case "answered":
                self.answered_at = self.answered_at or details["at"]
            case "replaced":
                self.replacements += 1
            case "referred":
                self.referrals.append(details["to"])
            case "media":
                self.remote_port = details["remote_port"]
            case "recording":
                self.recording, self._recorded_since = Path(details["path"]), details["since"]
            case "digit":
                self.digits += details["digit"]
            case "ended":
                self.code, self.reason, self.ended_at = details["code"], details["reason"], details["at"]

    def answered(self, timeout: float = SETUP) -> "Call":
        """Waits for the answer and for sound to flow; fails if the call ends instead."""
        until(
            lambda: (self.answered_at and self.remote_port) or self.ended_at, timeout, lambda: f"an answer to {self!r}",
            interval=0.02, strict=True,
        )
        if self.answered_at is None:
            raise AssertionError(f"{self.phone.user}'s call was refused: {self.code} {self.reason}")
        return self

    def refused(self, timeout: float = SETUP) -> int:
        """Waits for the call to fail and returns the SIP status that it failed with."""
        until(lambda: self.answered_at or self.ended_at, timeout, lambda: f"a refusal of {self!r}", interval=0.02)
        if self.answered_at is not None:
            raise AssertionError(f"{self.phone.user}'s call was answered; a refusal was expected")
        return self.code

    def pick_up(self) -> "Call":
        """Answers an incoming call."""
        self.phone.tell("reply", call=self.name, code=200)
        return self.answered()

    def send_digits(self, digits: str) -> None:
        """Sends DTMF as RFC 4733 events."""
        self.phone.tell("digits", call=self.name, digits=digits)

    def hold(self) -> None:
        """Asks the other side to wait. What is heard meanwhile is not recorded."""
        self.phone.tell("hold", call=self.name, wanted=True)

    def take_back(self) -> None:
        """Goes on with a call that waits."""
        self.phone.tell("hold", call=self.name, wanted=False)

    def speak(self, wanted: bool = True) -> None:
        """Sends the phone's tone, as it does from the beginning, or silence in its place."""
        self.phone.tell("speak", call=self.name, wanted=wanted)

    def hang_up(self) -> "Call":
        """Ends the call if it is not over and waits until the other side has confirmed it."""
        self.drop()
        return self.ended()

    def drop(self) -> None:
        """Says BYE without waiting for anybody to hear it."""
        if self.ended_at is None:
            self.phone.tell("hang_up", call=self.name)

    def ended(self, timeout: float = SETUP) -> "Call":
        until(lambda: self.ended_at, timeout, lambda: f"the end of {self!r}", interval=0.02, strict=True)
        return self

    @property
    def is_up(self) -> bool:
        return self.answered_at is not None and self.ended_at is None

    def heard(self) -> Sound:
        """Everything heard so far, starting at the moment of the answer."""
        if self.recording is None or self.answered_at is None:
            return sound.NOTHING
        recorded = sound.read(self.recording)
        return recorded.between(self.answered_at - self._recorded_since, recorded.seconds)

    def first_heard(self, hertz: float, after: float = 0, timeout: float = 5) -> float:
        """Waits for a tone and returns how many seconds after the answer it was first heard, from `after` on."""
        until(
            lambda: self.heard().first_heard(hertz, after) is not None, timeout,
            f"{self.phone.user} hearing {hertz:g} Hz", interval=0.2,
        )
        return self.heard().first_heard(hertz, after)

    def hears(self, hertz: float, seconds: float = 1) -> bool:
        """Whether a tone was there for (nearly) the whole of the last `seconds`."""
        return self._latest(seconds).hears(hertz)

    def is_free_of(self, hertz: float, seconds: float = 1) -> bool:
        """Whether a tone was not there during the last `seconds`; clicks, which hold every tone, may be."""
        latest = self._latest(seconds)
        return latest.seconds > 0 and latest.share_with(hertz) < 0.2

    def _latest(self, seconds: float) -> Sound:
        heard = self.heard()
        return heard.between(heard.seconds - seconds, heard.seconds) if heard.seconds >= seconds else sound.NOTHING
