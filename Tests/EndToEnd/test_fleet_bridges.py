"""Every operation on a bridge whose channels are on two nodes, as an ARI application asks for it: what the phones hear
and what the application is told.
"""

import json
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import pytest
import requests

import sound
from ari_application import Application, Event
from fleet import Fleet
from party import Party, hear_each_other
from phone import Phone
from wait import until

NAME = "e2e-spanning"

BEEP = 2200.0
"""The frequency of what bridges play; the phones send others."""

LEG_TRACES = ("-leg-", '"leg-', "PJSIP/node-", "PJSIP/trunk", "asterism-trunk")


@pytest.fixture(scope="module")
def told(shared_fleet: Fleet) -> Iterator[Application]:
    """The application, for as long as the module lasts."""
    with Application(shared_fleet, NAME) as application:
        yield application


@pytest.fixture(scope="module")
def callers(shared_fleet: Fleet, told: Application, tmp_path_factory) -> Iterator[tuple[Party, Party]]:
    """Two phones, called from the first and from the second node."""
    shared_fleet.settled(2)
    folder = tmp_path_factory.mktemp("spanning")
    phones = []
    for user, hertz in (("anna", 400.0), ("bert", 985.0)):
        shared_fleet.add_subscriber(user, "secret")
        phones.append(Phone(user, "secret", shared_fleet.sip_port, hertz=hertz, folder=folder).register())
    yield tuple(Party(shared_fleet, told, phone, node) for phone, node in zip(phones, ("ast1", "ast2"), strict=True))
    for phone in phones:
        phone.close()
    shared_fleet.empty()


@pytest.fixture
def application(told: Application) -> Application:
    """The application, which has been told nothing yet."""
    told.events.clear()
    return told


@pytest.fixture
def parties(
    shared_fleet: Fleet, callers: tuple[Party, Party], application: Application
) -> Iterator[tuple[Party, Party]]:
    """The phones, in no bridge before the test; afterwards nothing is left but their calls, and no leg was seen."""
    yield callers
    for bridge in shared_fleet.ari("GET", "bridges").json():
        shared_fleet.ari("DELETE", f"bridges/{bridge['id']}")
    until(
        lambda: len(shared_fleet.left_on_nodes()) == 2, 5,
        lambda: f"no bridge and no leg left; there are {shared_fleet.left_on_nodes()}", interval=0.2,
    )
    until(
        lambda: len(kinds(application, "ChannelEnteredBridge")) == len(kinds(application, "ChannelLeftBridge")), 2,
        "the application to hear of everything that happened",
    )
    seen = json.dumps(application.events)
    assert [trace for trace in LEG_TRACES if trace in seen] == []


@pytest.fixture
def make(shared_fleet: Fleet) -> Callable[..., "Bridge"]:
    return lambda **wanted: Bridge(shared_fleet, **wanted)


@pytest.fixture
def bridge(shared_fleet: Fleet, parties: tuple[Party, Party]) -> "Bridge":
    """Both phones in one bridge, hearing each other; its home is the first one's node."""
    made = Bridge(shared_fleet)
    for party in parties:
        made.add(party)
    hear_each_other(*parties)
    return made


class Bridge:
    """A bridge of the fleet, as its application sees it."""

    def __init__(self, fleet: Fleet, **wanted: str) -> None:
        made = fleet.ari("POST", "bridges", params={"type": "mixing", **wanted})
        assert made.status_code == 200, made.text
        self.fleet = fleet
        self.id: str = made.json()["id"]

    def ask(self, method: str, operation: str = "", **params) -> requests.Response:
        return self.fleet.ari(method, f"bridges/{self.id}{'/' if operation else ''}{operation}", params=params)

    def do(self, method: str, operation: str = "", **params) -> requests.Response:
        """Asks for what must succeed."""
        answer = self.ask(method, operation, **params)
        assert answer.ok, f"{method} {operation}: {answer.status_code} {answer.text}"
        return answer

    def add(self, *parties: Party, **options) -> None:
        self.do("POST", "addChannel", channel=",".join(party.channel for party in parties), **options)

    def remove(self, *parties: Party) -> None:
        self.do("POST", "removeChannel", channel=",".join(party.channel for party in parties))

    def shown(self) -> dict:
        return self.do("GET").json()

    def holds(self, *parties: Party) -> None:
        """Waits until these are its members, whichever gateway is asked."""
        self.fleet.gathered(self.id, *(party.channel for party in parties))

    def report(self) -> dict:
        """What the operator sees of it."""
        return next(report for report in self.fleet.bridges() if report["id"] == self.id)

    def settles(self, home: str, *nodes: str) -> None:
        """Waits until this is its home and a leg ties exactly these nodes to it."""

        def star() -> tuple[str, list[str]]:
            report = self.report()
            return report["home"], sorted(leg["node"] for leg in report["legs"])

        until(lambda: star() == (home, sorted(nodes)), 5, lambda: f"legs of {nodes} to {home}; it is {star()}")

    def end_recording(self, name: str, application: Application, folder: Path) -> sound.Sound:
        """Stops a recording, takes what it holds, and leaves nothing of it."""
        assert self.fleet.ari("POST", f"recordings/live/{name}/stop").status_code == 204
        application.event("RecordingFinished", lambda event: event["recording"]["name"] == name)
        (folder / "bridge.wav").write_bytes(self.fleet.ari("GET", f"recordings/stored/{name}/file").content)
        assert self.fleet.ari("DELETE", f"recordings/stored/{name}").status_code == 204
        return sound.read(folder / "bridge.wav")


def of(party: Party) -> Callable[[Event], bool]:
    return lambda event: event["channel"]["id"] == party.channel


def kinds(application: Application, *wanted: str) -> list[tuple[str, str]]:
    """The type and the channel of each event of these types."""
    return [(event["type"], event["channel"]["id"]) for event in list(application.events) if event["type"] in wanted]


@pytest.mark.parametrize("wanted", [{}, {"bridgeId": "e2e-spanning-room", "name": "room"}], ids=["no id", "an id"])
def test_a_bridge_is_made_filled_emptied_and_destroyed(
    parties: tuple[Party, Party], application: Application, make, wanted: dict
) -> None:
    anna, bert = parties
    bridge = make(**wanted)
    assert wanted.get("bridgeId", bridge.id) == bridge.id
    bridge.holds()
    assert bridge.shown()["name"] == wanted.get("name", "")
    bridge.add(anna)
    bridge.add(bert)
    bridge.holds(anna, bert)
    until(lambda: [each["id"] for each in bridge.fleet.ari("GET", "bridges").json()] == [bridge.id], 5, "one bridge")
    hear_each_other(anna, bert)
    bridge.remove(bert)
    anna.hears_no(bert.hertz)
    bert.hears_no(anna.hertz)
    application.event("ChannelLeftBridge", of(bert))
    bridge.holds(anna)
    assert bridge.ask("POST", "removeChannel", channel=bert.channel).status_code == 422
    bridge.do("DELETE")
    application.event("ChannelLeftBridge", of(anna))
    until(lambda: {bridge.ask(method).status_code for method in ("GET", "DELETE")} == {404}, 5, "no bridge")
    events = [event for event in application.events if event["type"] in ("ChannelEnteredBridge", "ChannelLeftBridge")]
    seen = [
        (event["type"], event["channel"]["id"], set(event["bridge"]["channels"]), event["bridge"]["name"])
        for event in events
    ]
    name = wanted.get("name", "")
    assert seen == [
        ("ChannelEnteredBridge", anna.channel, {anna.channel}, name),
        ("ChannelEnteredBridge", bert.channel, {anna.channel, bert.channel}, name),
        ("ChannelLeftBridge", bert.channel, {anna.channel}, name),
        ("ChannelLeftBridge", anna.channel, set(), name),
    ]
    assert {event["bridge"]["id"] for event in events} == {bridge.id}


@pytest.mark.parametrize("muted", (0, 1), ids=["at the home", "elsewhere"])
def test_who_is_added_muted_hears_and_is_not_heard(parties: tuple[Party, Party], make, muted: int) -> None:
    bridge, silent, other = make(), parties[muted], parties[1 - muted]
    other.hears_nothing()  # of the bridge that was before
    start = other.now()
    for party in parties:
        bridge.add(party, **({"mute": "true"} if party is silent else {}))
    silent.hears(other.hertz)
    assert other.since(start).first_heard(silent.hertz) is None
    bridge.remove(silent)
    bridge.add(silent)
    hear_each_other(silent, other)


def test_who_is_removed_and_added_again_at_once_is_in(bridge: Bridge, parties: tuple[Party, Party]) -> None:
    for _ in range(10):
        bridge.remove(parties[1])
        bridge.add(parties[1])
    hear_each_other(*parties)
    bridge.holds(*parties)


@pytest.mark.parametrize("sender", (0, 1), ids=["from the home", "to the home"])
def test_a_digit_is_told_once_and_reaches_the_other_phone_unless_it_is_absorbed(
    parties: tuple[Party, Party], application: Application, make, sender: int
) -> None:
    bridge, presser, other = make(), parties[sender], parties[1 - sender]
    other.call.digits = ""
    for party in parties:
        bridge.add(party, **({"absorbDTMF": "true"} if party is presser else {}))
    presser.call.send_digits("1")
    application.event("ChannelDtmfReceived", lambda event: event["digit"] == "1")
    bridge.remove(presser)
    bridge.add(presser)
    presser.call.send_digits("23")
    until(lambda: len(other.call.digits) >= 2, 5, lambda: f"two digits; there are {other.call.digits!r}")
    assert other.call.digits == "23"
    application.event("ChannelDtmfReceived", lambda event: event["digit"] == "3")
    digits = [event for event in application.events if event["type"] == "ChannelDtmfReceived"]
    assert {event["channel"]["id"] for event in digits} == {presser.channel}
    # Asterisk itself may tell a digit again when the phone repeats the last packet of it (RFC 4733, section 2.5.1.4),
    # with both phones on one node as well; nothing that it told is doubled.
    assert len({event["timestamp"] for event in digits}) == len(digits)
    assert [digit for digit, _ in groupby(event["digit"] for event in digits)] == ["1", "2", "3"]


def test_what_is_played_in_a_holding_bridge_is_heard_on_both_nodes_and_its_participants_are_not(
    parties: tuple[Party, Party], application: Application, make, tmp_path: Path
) -> None:
    bridge = make(type="holding")
    bridge.add(*parties, role="participant", inhibitConnectedLineUpdates="true")
    for party in parties:
        party.hears_nothing()
    starts = [party.now() for party in parties]
    bridge.settles("ast1")
    bridge.do("POST", "record", name="e2e-held", format="wav", ifExists="overwrite")
    playback = bridge.do("POST", "play", media=f"tone:{BEEP:g}/1000").json()["id"]
    for party in parties:
        party.hears(BEEP)
    bridge.settles("ast1", "ast2")
    bridge.holds(*parties)
    assert bridge.fleet.ari("DELETE", f"playbacks/{playback}").status_code == 204
    for party in parties:
        party.hears_nothing()
    bridge.settles("ast1")  # no leg while nothing speaks
    recorded = bridge.end_recording("e2e-held", application, tmp_path)
    assert recorded.first_heard(BEEP) is not None
    assert [recorded.first_heard(party.hertz) for party in parties] == [None, None]
    for party, start in zip(parties, starts, strict=True):
        other = next(each for each in parties if each is not party)
        assert party.since(start).first_heard(other.hertz) is None
    assert [event["type"] for event in application.events if event["type"].startswith("Playback")] == [
        "PlaybackStarted", "PlaybackFinished",
    ]


def test_music_of_a_holding_bridge_is_heard_on_both_nodes_also_by_who_comes_later(
    parties: tuple[Party, Party], make
) -> None:
    anna, bert = parties
    bridge = make(type="holding")
    bridge.add(anna)
    bridge.do("POST", "moh")
    anna.hears_music()
    bridge.add(bert)
    bert.hears_music()
    bridge.do("DELETE", "moh")
    for party in parties:
        party.hears_nothing()
    assert bridge.ask("DELETE", "moh").status_code == 409


def test_who_waits_in_a_holding_bridge_hears_music_except_while_something_is_played(
    parties: tuple[Party, Party], make
) -> None:
    bridge = make(type="holding")
    bridge.add(*parties, role="holding_participant")
    for party in parties:
        party.hears_music()
    bridge.settles("ast1")
    bridge.do("POST", "play/e2e-interrupting", media=f"tone:{BEEP:g}/1000")
    for party in parties:
        party.hears(BEEP)
    assert bridge.fleet.ari("DELETE", "playbacks/e2e-interrupting").status_code == 204
    for party in parties:
        party.hears_no(BEEP)
        party.hears_music()


@pytest.mark.parametrize("speaker", (0, 1), ids=["at the home", "elsewhere"])
def test_an_announcer_of_a_holding_bridge_is_heard_on_both_nodes_and_hears_nobody(
    parties: tuple[Party, Party], make, speaker: int
) -> None:
    bridge, announcer, other = make(type="holding"), parties[speaker], parties[1 - speaker]
    bridge.add(other)
    bridge.add(announcer, role="announcer")
    announcer.hears_nothing()
    start = announcer.now()
    other.hears(announcer.hertz)
    bridge.holds(announcer, other)
    assert announcer.since(start).first_heard(other.hertz) is None
    bridge.remove(announcer)
    other.hears_nothing()
    until(lambda: bridge.report()["legs"] == [], 5, "no leg while nobody speaks")


@pytest.mark.parametrize("second", (0, 1), ids=["at the home", "elsewhere"])
def test_who_wants_to_speak_while_another_does_is_put_out_of_a_holding_bridge_as_on_one_node(
    parties: tuple[Party, Party], application: Application, make, second: int
) -> None:
    late, first = parties[second], parties[1 - second]
    bridge = make(type="holding")
    bridge.add(first, role="announcer")
    bridge.do("POST", "moh")
    bridge.add(late)
    late.hears(first.hertz)
    bridge.remove(late)
    bridge.add(late, role="announcer")
    until(
        lambda: kinds(application, "ChannelLeftBridge").count(("ChannelLeftBridge", late.channel)) == 2, 5,
        "the second announcer to be put out",
    )
    bridge.holds(first)
    bridge.add(late)
    late.hears(first.hertz)


def test_what_is_played_is_heard_on_both_nodes_and_told_once(
    bridge: Bridge, parties: tuple[Party, Party], application: Application
) -> None:
    bridge.do("POST", "play/e2e-short", media="sound:beep")
    application.event("PlaybackFinished", lambda event: event["playback"]["id"] == "e2e-short")
    bridge.do("POST", "play/e2e-long", media=f"tone:{BEEP:g}/1000")
    for party in parties:
        party.hears(BEEP)
    assert bridge.fleet.ari("GET", "playbacks/e2e-long").json()["target_uri"] == f"bridge:{bridge.id}"
    assert bridge.fleet.ari("DELETE", "playbacks/e2e-long").status_code == 204
    for party in parties:
        party.hears_no(BEEP)
    application.event("PlaybackFinished", lambda event: event["playback"]["id"] == "e2e-long")
    until(lambda: bridge.fleet.ari("GET", "playbacks/e2e-long").status_code == 404, 5, "no playback")
    events = [event for event in application.events if event["type"].startswith("Playback")]
    assert [(event["type"], event["playback"]["id"]) for event in events] == [
        (kind, each) for each in ("e2e-short", "e2e-long") for kind in ("PlaybackStarted", "PlaybackFinished")
    ]
    assert {event["playback"]["target_uri"] for event in events} == {f"bridge:{bridge.id}"}
    bridge.holds(*parties)
    hear_each_other(*parties)


def test_a_recording_of_the_bridge_holds_the_sound_of_both_nodes(
    bridge: Bridge, parties: tuple[Party, Party], application: Application, tmp_path: Path
) -> None:
    bridge.do("POST", "record", name="e2e-spanning", format="wav", ifExists="overwrite")
    application.event("RecordingStarted", lambda event: event["recording"]["name"] == "e2e-spanning")
    starts = [party.now() for party in parties]
    for party, start in zip(parties, starts, strict=True):
        until(lambda: party.now() > start + 1, 3, "a second to pass")
    live = "recordings/live/e2e-spanning"
    assert bridge.fleet.ari("GET", live).json()["target_uri"] == f"bridge:{bridge.id}"
    recorded = bridge.end_recording("e2e-spanning", application, tmp_path)
    assert recorded.seconds > 0.7
    for party in parties:
        assert recorded.hears(party.hertz), f"{party!r} is not in the recording"
    assert [event["type"] for event in application.events if event["type"].startswith("Recording")] == [
        "RecordingStarted", "RecordingFinished",
    ]


def test_music_on_hold_of_the_bridge_is_heard_on_both_nodes(parties: tuple[Party, Party], make) -> None:
    bridge = make()
    for party in parties:
        bridge.add(party, mute="true")
    for party in parties:
        party.hears_nothing()
    bridge.do("POST", "moh")
    for party in parties:
        party.hears_music()
    bridge.do("DELETE", "moh")
    for party in parties:
        party.hears_nothing()


@pytest.mark.parametrize("holder", (0, 1), ids=["at the home", "elsewhere"])
def test_who_is_put_on_hold_hears_nothing_as_on_one_node_and_then_the_other_again(
    bridge: Bridge, parties: tuple[Party, Party], application: Application, holder: int
) -> None:
    busy, waiting = parties[holder], parties[1 - holder]
    busy.call.hold()
    application.event("ChannelHold", of(busy))
    waiting.hears_nothing()
    # Asterisk 22.10 ends a call, now and then, to which it sends sound while a re-INVITE changes how it is coded.
    bridge.remove(busy)
    busy.call.take_back()
    application.event("ChannelUnhold", of(busy))
    bridge.add(busy)
    hear_each_other(busy, waiting)
    assert kinds(application, "ChannelHold", "ChannelUnhold") == [
        ("ChannelHold", busy.channel), ("ChannelUnhold", busy.channel),
    ]


@pytest.mark.parametrize("muted", (0, 1), ids=["at the home", "elsewhere"])
def test_a_muted_channel_is_not_heard_on_the_other_node_until_it_is_unmuted(
    bridge: Bridge, parties: tuple[Party, Party], muted: int
) -> None:
    silent, other = parties[muted], parties[1 - muted]
    mute = f"channels/{silent.channel}/mute"
    assert bridge.fleet.ari("POST", mute, params={"direction": "in"}).status_code == 204
    other.hears_no(silent.hertz)
    silent.hears(other.hertz)
    assert bridge.fleet.ari("DELETE", mute, params={"direction": "in"}).status_code == 204
    hear_each_other(silent, other)


def test_talking_is_told_of_the_channels_of_both_nodes_and_of_no_leg(
    bridge: Bridge, parties: tuple[Party, Party], application: Application
) -> None:
    for party in parties:
        answer = bridge.fleet.ari(
            "POST", f"channels/{party.channel}/variable", params={"variable": "TALK_DETECT(set)", "value": "200,256"}
        )
        assert answer.status_code == 204, answer.text
        application.event("ChannelTalkingStarted", of(party))
    for party in parties:
        party.call.speak(False)
        application.event("ChannelTalkingFinished", of(party))
        party.call.speak()
        until(
            lambda: kinds(application, "ChannelTalkingStarted").count(("ChannelTalkingStarted", party.channel)) == 2,
            5, f"{party!r} to be heard talking again",
        )
    for party in parties:
        bridge.fleet.ari(
            "POST", f"channels/{party.channel}/variable", params={"variable": "TALK_DETECT(remove)", "value": ""}
        )
    started, finished = ("ChannelTalkingStarted", "ChannelTalkingFinished")
    for party in parties:
        own = [kind for kind, channel in kinds(application, started, finished) if channel == party.channel]
        assert own == [started, finished, started]
    assert len(kinds(application, started, finished)) == 6
    hear_each_other(*parties)


def test_any_channel_of_the_bridge_can_be_its_source_of_video(
    bridge: Bridge, parties: tuple[Party, Party], application: Application
) -> None:
    def changes() -> list[str]:
        """The sources that the application was told of."""
        events = [event for event in list(application.events) if event["type"] == "BridgeVideoSourceChanged"]
        return [event["bridge"]["video_source_id"] for event in events]

    sources = [party.channel for party in parties]
    for number, source in enumerate([*sources, sources[0]]):
        assert bridge.ask("POST", f"videoSource/{source}").status_code == 204
        until(
            lambda: [bridge.shown().get(name) for name in ("video_mode", "video_source_id")] == ["single", source], 5,
            lambda: f"{source} to be the source; shown is {bridge.shown()}",
        )
        until(lambda: changes() == sources[: number + 1], 5, lambda: f"one event for each new source: {changes()}")
    assert bridge.ask("POST", "videoSource/none").status_code == 400
    assert bridge.ask("DELETE", "videoSource").status_code == 204


def test_the_home_moves_to_where_the_last_members_are(bridge: Bridge, parties: tuple[Party, Party]) -> None:
    anna, bert = parties
    bridge.settles("ast1", "ast2")
    bridge.remove(anna)
    bridge.settles("ast2")
    until(lambda: bridge.fleet.node_ari("ast1", "bridges") == [], 3, "no part where nobody is")
    bridge.holds(bert)
    bridge.add(anna)
    bridge.settles("ast2", "ast1")
    hear_each_other(anna, bert)


def test_what_a_bridge_does_goes_on_when_the_last_member_leaves_its_home(
    bridge: Bridge, parties: tuple[Party, Party], application: Application
) -> None:
    anna, bert = parties
    bridge.do("POST", "record", name="e2e-lasting", format="wav", ifExists="overwrite")
    bridge.do("POST", "play/e2e-lasting", media=f"tone:{BEEP:g}/1000")
    bert.hears(BEEP)
    bridge.remove(anna)
    application.event("ChannelLeftBridge", of(anna))
    bert.hears_no(anna.hertz)
    start = bert.now()
    until(lambda: bert.now() > start + 1 and bert.call.hears(BEEP), 5, "what is played to go on")
    assert bridge.fleet.ari("GET", "recordings/live/e2e-lasting").json()["state"] == "recording"
    assert bridge.fleet.ari("DELETE", "playbacks/e2e-lasting").status_code == 204
    assert bridge.fleet.ari("POST", "recordings/live/e2e-lasting/stop").status_code == 204
    until(lambda: bridge.fleet.ari("GET", "recordings/stored/e2e-lasting").ok, 2, "the recording to be stored")
    bridge.settles("ast2")
    assert bridge.fleet.ari("DELETE", "recordings/stored/e2e-lasting").status_code == 204
