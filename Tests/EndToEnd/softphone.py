"""A SIP phone as a process of its own, steered over its standard input and output; `phone.py` is its other end.

pjsua2 allows few calls per process, wants one thread, and takes the process along when it fails, so each phone has one.
Each line in is one command, each line out one event, both as JSON.

    usage: python softphone.py SETTINGS-AS-JSON
"""

import faulthandler
import json
import os
import select
import sys
import time

import pjsua2

POLL = 5
"""Milliseconds for which the stack is polled before the next look at the commands."""


class Softphone:
    """One endpoint with one account and a null sound device: calls play and record files."""

    def __init__(self, settings: dict, events: int) -> None:
        self.settings = settings
        self.calls: dict[str, Call] = {}
        self.replaced: list[Call] = []
        """Dialogs in whose place others came: they end by themselves."""
        self.is_registered = False
        self.spent: list[pjsua2.AudioMedia] = []
        """What calls need no more; it goes between the stack's events, for in one of them it takes the stack along."""
        self._events = os.fdopen(events, "w", buffering=1)
        self._endpoint = _endpoint()
        self._transport = self._open_transport()
        self._account = Account(self)
        self._account.create(self._account_settings())

    def tell(self, event: str, **details) -> None:
        self._events.write(json.dumps({"event": event, **details}) + "\n")

    def run(self) -> None:
        """Serves until the standard input ends."""
        pending = b""
        self.tell("open")
        while True:
            self._endpoint.libHandleEvents(POLL)
            self.spent.clear()
            if not select.select([0], [], [], 0)[0]:
                continue
            read = os.read(0, 65536)
            if not read:
                break
            *lines, pending = (pending + read).split(b"\n")
            for line in lines:
                self._obey(json.loads(line))
        self._leave()

    def _leave(self) -> None:
        """Ends calls and the registration, and gives the other side half a second to agree."""
        self._endpoint.hangupAllCalls()
        if self.is_registered:
            self._account.setRegistration(False)
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline:
            if not self.is_registered and not any(call.isActive() for call in self.calls.values()):
                break
            self._endpoint.libHandleEvents(POLL)

    def _obey(self, command: dict) -> None:
        try:
            getattr(self, command.pop("do"))(**command)
        except pjsua2.Error as error:
            self.tell("trouble", text=f"{error.title}: {error.reason}")

    # Commands

    def register(self, wanted: bool) -> None:
        self._account.setRegistration(wanted)

    def dial(self, call: str, uri: str) -> None:
        self.calls[call] = Call(self, call, self._account)
        parameters = pjsua2.CallOpParam(True)
        parameters.opt.audioCount = 1
        parameters.opt.videoCount = 0
        self.calls[call].makeCall(uri, parameters)

    def reply(self, call: str, code: int) -> None:
        parameters = pjsua2.CallOpParam(True)
        parameters.statusCode = code
        self.calls[call].answer(parameters)

    def hang_up(self, call: str) -> None:
        if self.calls[call].isActive():
            self.calls[call].hangup(pjsua2.CallOpParam(True))

    def digits(self, call: str, digits: str) -> None:
        self.calls[call].dialDtmf(digits)

    def hold(self, call: str, wanted: bool) -> None:
        parameters = pjsua2.CallOpParam(True)
        parameters.opt.videoCount = 0
        if wanted:
            self.calls[call].setHold(parameters)
        else:
            parameters.opt.flag = pjsua2.PJSUA_CALL_UNHOLD
            self.calls[call].reinvite(parameters)

    def speak(self, call: str, wanted: bool) -> None:
        self.calls[call].speak(wanted)

    # Settings

    def _open_transport(self) -> int:
        settings = pjsua2.TransportConfig()
        settings.boundAddress = settings.publicAddress = self.settings["address"]
        is_tcp = self.settings["transport"] == "tcp"
        return self._endpoint.transportCreate(
            pjsua2.PJSIP_TRANSPORT_TCP if is_tcp else pjsua2.PJSIP_TRANSPORT_UDP, settings
        )

    def _account_settings(self) -> pjsua2.AccountConfig:
        settings = pjsua2.AccountConfig()
        settings.idUri = f"<sip:{self.settings['user']}@{self.settings['edge']}>"
        settings.regConfig.registrarUri = f"sip:{self.settings['edge']}"
        settings.regConfig.registerOnAdd = False
        settings.regConfig.timeoutSec = 300
        settings.regConfig.retryIntervalSec = 0
        settings.sipConfig.transportId = self._transport
        settings.sipConfig.authCreds.append(
            pjsua2.AuthCredInfo("digest", "*", self.settings["user"], 0, self.settings["password"])
        )
        settings.mediaConfig.transportConfig.boundAddress = self.settings["address"]
        # Apart from other phones: whoever still sends to one that has gone must not be heard here.
        settings.mediaConfig.transportConfig.port = 3000 + os.getpid() % 1000 * 6
        settings.mediaConfig.transportConfig.portRange = 100
        settings.natConfig.contactRewriteUse = 0
        settings.natConfig.viaRewriteUse = 0
        settings.natConfig.sipOutboundUse = 0
        settings.callConfig.timerUse = pjsua2.PJSUA_SIP_TIMER_INACTIVE
        return settings


class Account(pjsua2.Account):
    def __init__(self, phone: Softphone) -> None:
        super().__init__()
        self._phone = phone

    def onRegState(self, prm: pjsua2.OnRegStateParam) -> None:
        if prm.code >= 200:
            self._phone.is_registered = prm.code == 200 and prm.expiration > 0
            self._phone.tell("registration", code=prm.code, reason=prm.reason)

    def onIncomingCall(self, prm: pjsua2.OnIncomingCallParam) -> None:
        name = f"in{len(self._phone.calls) + 1}"
        self._phone.calls[name] = Call(self._phone, name, self, prm.callId)
        self._phone.reply(name, 180)
        self._phone.tell("ringing", call=name, invitation=prm.rdata.wholeMsg)


class Call(pjsua2.Call):
    def __init__(self, phone: Softphone, name: str, account: Account, call_id: int = -1) -> None:
        super().__init__(account, call_id)
        self._phone = phone
        self._name = name
        self._account = account
        self._player: pjsua2.AudioMediaPlayer | None = None
        self._recorder: pjsua2.AudioMediaRecorder | None = None
        self._speaks = True

    def speak(self, wanted: bool) -> None:
        """Sends the tone, or silence in its place."""
        self._speaks = wanted
        if self._player and wanted:
            self._player.startTransmit(self.getAudioMedia(-1))
        elif self._player:
            self._player.stopTransmit(self.getAudioMedia(-1))

    def onCallState(self, prm: pjsua2.OnCallStateParam) -> None:
        state = self.getInfo()
        if state.state == pjsua2.PJSIP_INV_STATE_CONFIRMED:
            self._phone.tell("answered", call=self._name, at=time.monotonic())
        elif state.state == pjsua2.PJSIP_INV_STATE_DISCONNECTED and self._phone.calls[self._name] is self:
            self._phone.spent += [medium for medium in (self._player, self._recorder) if medium]
            self._player = self._recorder = None
            self._phone.tell(
                "ended", call=self._name, at=time.monotonic(), code=state.lastStatusCode, reason=state.lastReason
            )

    def onCallReplaceRequest(self, prm: pjsua2.OnCallReplaceRequestParam) -> None:
        """The other side wants to put another dialog in place of this one (RFC 3891)."""
        prm.statusCode = self._phone.settings["refusals"].get("replaces", prm.statusCode)

    def onCallReplaced(self, prm: pjsua2.OnCallReplacedParam) -> None:
        prm.newCall = self._successor(prm.newCallId)
        self._phone.tell("replaced", call=self._name)

    def onCallTransferRequest(self, prm: pjsua2.OnCallTransferRequestParam) -> None:
        """The other side asks for a call to somewhere else (RFC 3515)."""
        prm.statusCode = self._phone.settings["refusals"].get("refer", prm.statusCode)
        self._phone.tell("referred", call=self._name, to=prm.dstUri)
        if prm.statusCode < 300:
            prm.opt.videoCount = 0
            prm.newCall = self._successor()

    def _successor(self, call_id: int = -1) -> "Call":
        """Another dialog in place of this one: it plays and records on."""
        new = Call(self._phone, self._name, self._account, call_id)
        new._player, new._recorder = self._player, self._recorder
        self._player = self._recorder = None
        self._phone.calls[self._name] = new
        self._phone.replaced.append(self)
        return new

    def onCallMediaState(self, prm: pjsua2.OnCallMediaStateParam) -> None:
        state = self.getInfo()  # owns the list: a temporary would free it under the loop
        for index, media in enumerate(state.media):
            if media.type == pjsua2.PJMEDIA_TYPE_AUDIO and media.status == pjsua2.PJSUA_CALL_MEDIA_ACTIVE:
                self._connect(self.getAudioMedia(index))
                remote = self.getStreamInfo(index).remoteRtpAddress
                self._phone.tell("media", call=self._name, remote_port=int(remote.rsplit(":", 1)[1]))

    def onDtmfDigit(self, prm: pjsua2.OnDtmfDigitParam) -> None:
        self._phone.tell("digit", call=self._name, digit=prm.digit)

    def _connect(self, audio: pjsua2.AudioMedia) -> None:
        if self._recorder is None:
            path = f"{self._phone.settings['recordings']}-{self._name}.wav"
            self._recorder = pjsua2.AudioMediaRecorder()
            self._recorder.createRecorder(path)
            self._phone.tell("recording", call=self._name, path=path, since=time.monotonic())
        if self._phone.settings["plays"] and self._player is None:
            self._player = pjsua2.AudioMediaPlayer()
            self._player.createPlayer(self._phone.settings["plays"])
        audio.startTransmit(self._recorder)
        if self._player and self._speaks:
            self._player.startTransmit(audio)


def _endpoint() -> pjsua2.Endpoint:
    endpoint = pjsua2.Endpoint()
    endpoint.libCreate()
    settings = pjsua2.EpConfig()
    settings.uaConfig.threadCnt = 0
    settings.uaConfig.mainThreadOnly = True
    settings.uaConfig.userAgent = "Asterism test phone"
    settings.medConfig.clockRate = 8000
    settings.medConfig.sndClockRate = 8000
    settings.medConfig.audioFramePtime = 20
    settings.medConfig.noVad = True
    settings.medConfig.ecTailLen = 0
    settings.logConfig.level = settings.logConfig.consoleLevel = 0
    endpoint.libInit(settings)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    for codec in endpoint.codecEnum2():
        is_wanted = codec.codecId.startswith(("PCMU", "PCMA"))
        endpoint.codecSetPriority(codec.codecId, 255 if is_wanted else 0)
    return endpoint


def main() -> None:
    faulthandler.enable()
    events = os.dup(1)
    os.dup2(2, 1)  # the stack itself writes to the standard output
    Softphone(json.loads(sys.argv[1]), events).run()
    os._exit(0)  # the stack's destructors depend on an order that Python does not keep


if __name__ == "__main__":
    main()
