"""What an event socket can do: requests over it, filters, subscriptions, and what is told to who comes back."""

import json
import uuid
from collections.abc import Iterator

import pytest
import websocket

from ari_application import Application
from fleet import Fleet
from wait import throughout, until

NAME = "e2e-events"


def originate(fleet: Fleet, application: str, node: str, channel: str | None = None) -> str:
    """A channel on a node, in an application; its id."""
    made = fleet.ari(
        "POST", "channels", headers={"X-Asterisk-ID": node},
        params={
            "endpoint": "Local/9999@default", "app": application, "appArgs": "one,two",
            "channelId": channel or str(uuid.uuid4()),
        },
    )
    assert made.ok, made.text
    return made.json()["id"]


def caught_up(fleet: Fleet, application: Application, channels: list[str]) -> None:
    """Waits for all that the nodes of these channels have told so far: what comes from one node comes in order."""
    mark = str(uuid.uuid4())
    for channel in channels:
        said = fleet.ari("POST", f"events/user/{mark}", params={"application": NAME, "source": f"channel:{channel}"})
        assert said.status_code == 204, said.text
    for channel in channels:
        application.event(
            "ChannelUserevent", lambda event: event["eventname"] == mark and event["channel"]["id"] == channel
        )


def filtered(fleet: Fleet, *disallowed: dict) -> None:
    """Sets the application's filter, and waits for every gateway: at once it holds at the one that was asked."""
    wish = {"disallowed": disallowed} if disallowed else {}
    shown = fleet.ari("PUT", f"applications/{NAME}/eventFilter", json=wish).json()
    assert shown["events_disallowed"] == [*disallowed]
    until(
        lambda: all(
            each["events_disallowed"] == [*disallowed] for each in fleet.at_each_gateway(f"ari/applications/{NAME}")
        ),
        5, f"every gateway to leave out {disallowed}",
    )


@pytest.fixture
def application(fleet: Fleet) -> Iterator[Application]:
    with Application(fleet, NAME) as application:
        yield application


@pytest.fixture
def socket(fleet: Fleet) -> Iterator[websocket.WebSocket]:
    """An event socket whose messages the test reads itself."""
    url = fleet.ari_url.replace("http", "ws", 1) + f"/events?app={NAME}&api_key=wazo:wazo"
    made = websocket.create_connection(url, timeout=10)
    yield made
    made.close()


def asked(socket: websocket.WebSocket, **request) -> dict:
    """The answer to a request over the socket."""
    socket.send(json.dumps({"type": "RESTRequest", "transaction_id": "t", "request_id": "r", **request}))
    return answer(socket)


def answer(socket: websocket.WebSocket) -> dict:
    while True:
        message = json.loads(socket.recv())
        if message["type"] == "RESTResponse":
            return message


def test_requests_over_the_socket_are_answered_as_over_http(fleet: Fleet, socket: websocket.WebSocket) -> None:
    made = asked(
        socket, method="POST", uri="channels",
        query_strings=[{"name": "endpoint", "value": "Local/9999@default"}, {"name": "app", "value": NAME}],
        content_type="application/json", message_body=json.dumps({"variables": {"COLOUR": "blue & green"}}),
    )
    assert (made["status_code"], made["reason_phrase"], made["uri"]) == (200, "OK", "channels")
    assert (made["transaction_id"], made["request_id"], made["application"]) == ("t", "r", NAME)
    channel = json.loads(made["message_body"])["id"]
    read = asked(socket, method="GET", uri=f"channels/{channel}/variable?variable=COLOUR")
    assert json.loads(read["message_body"]) == {"value": "blue & green"}
    assert read["uri"] == f"channels/{channel}/variable"
    ended = asked(socket, method="DELETE", uri=f"channels/{channel}")
    assert (ended["status_code"], "message_body" in ended) == (204, False)
    assert asked(socket, method="GET", uri=f"channels/{uuid.uuid4()}")["status_code"] == 404


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("nonsense", 400), ("[]", 400), ('{"type": "RESTRequest"}', 400), ('{"type": "Other"}', 400),
        ('{"type": "RESTRequest", "method": "GET", "uri": "events"}', 400),
        ('{"type": "RESTRequest", "method": "GET", "uri": "recordings/stored/a/file"}', 406),
        ('{"type": "RESTRequest", "method": "GET", "uri": "nothing"}', 404),
        ('{"type": "RESTRequest", "method": "GET", "uri": "channels", "query_strings": 1}', 400),
    ],
)
def test_a_request_that_cannot_be_is_answered_all_the_same(
    socket: websocket.WebSocket, message: str, status: int
) -> None:
    socket.send(message)
    refused = answer(socket)
    assert refused["status_code"] == status
    assert "message" in json.loads(refused["message_body"])
    assert asked(socket, method="GET", uri="asterisk/ping")["status_code"] == 200


def test_requests_over_the_socket_are_answered_in_order(socket: websocket.WebSocket) -> None:
    for number in range(100):
        socket.send(json.dumps(
            {"type": "RESTRequest", "request_id": str(number), "method": "GET", "uri": "asterisk/ping"}
        ))
    assert [answer(socket)["request_id"] for _ in range(100)] == [str(number) for number in range(100)]


def test_a_message_larger_than_asterisk_takes_ends_the_socket(socket: websocket.WebSocket) -> None:
    socket.send("x" * 65_536)
    code, data = socket.recv_data()
    assert (code, int.from_bytes(data[:2], "big")) == (websocket.ABNF.OPCODE_CLOSE, 1009)


def test_calls_live_on_without_a_socket_and_are_told_to_who_comes_back(fleet: Fleet) -> None:
    with Application(fleet, NAME) as first:
        channels = [originate(fleet, NAME, node) for node in ("ast1", "ast2")]
        for channel in channels:
            first.started(channel)
    with Application(fleet, NAME) as second:
        told = {
            event["channel"]["id"]: event
            for event in (
                second.event("ChannelUserevent", lambda event, id=channel: event["channel"]["id"] == id)
                for channel in channels
            )
        }
        for channel, node in zip(channels, ("ast1", "ast2"), strict=True):
            assert told[channel]["eventname"] == "ChannelResumed"
            assert told[channel]["userevent"]["args"] == ["one", "two"]
            assert told[channel]["asterisk_id"] == fleet.node(node).id
        assert not [event for event in second.events if event["type"] == "StasisStart"]
    with Application(fleet, NAME, options="&resume=StasisStart") as third:
        assert third.started(channels[0])["args"] == ["one", "two"]
        third.started(channels[1])
    with Application(fleet, NAME, options="&resume=none") as fourth:
        caught_up(fleet, fourth, channels)
        assert not [
            event for event in fourth.events
            if event["type"] == "StasisStart" or event.get("eventname") == "ChannelResumed"
        ]
        for channel in channels:
            fleet.ari("DELETE", f"channels/{channel}")
            fourth.event("ChannelDestroyed", lambda event, id=channel: event["channel"]["id"] == id)


def test_a_filter_holds_for_every_node_until_it_is_taken_back(fleet: Fleet, application: Application) -> None:
    channels = [originate(fleet, NAME, node) for node in ("ast1", "ast2")]
    for channel in channels:
        application.started(channel)
    filtered(fleet, {"type": "ChannelVarset"})
    for channel in channels:
        fleet.ari("POST", f"channels/{channel}/variable", params={"variable": "UNHEARD", "value": "1"})
    caught_up(fleet, application, channels)
    assert not [event for event in application.events if event.get("variable") == "UNHEARD"]
    filtered(fleet)
    fleet.ari("POST", f"channels/{channels[0]}/variable", params={"variable": "HEARD", "value": "1"})
    application.event("ChannelVarset", lambda event: event["variable"] == "HEARD")
    for channel in channels:
        fleet.ari("DELETE", f"channels/{channel}")


def test_a_device_state_is_the_same_on_every_node_and_told_once(fleet: Fleet, application: Application) -> None:
    device = f"Stasis:lamp-{uuid.uuid4()}"
    channels = [originate(fleet, NAME, node) for node in ("ast1", "ast2")]
    for channel in channels:
        application.started(channel)
    subscribed = fleet.ari(
        "POST", f"applications/{NAME}/subscription", params={"eventSource": f"deviceState:{device}"}
    )
    assert device in subscribed.json()["device_names"]
    for state in ("INUSE", "NOT_INUSE", "INUSE"):
        assert fleet.ari("PUT", f"deviceStates/{device}", params={"deviceState": state}).status_code == 204
        for node in ("ast1", "ast2"):
            until(
                lambda: fleet.ari("GET", f"deviceStates/{device}", headers={"X-Asterisk-ID": node}).json()["state"]
                == state,
                5, f"{device} to be {state} on {node}",
            )
        # One node's news of this state must not come after another's of the next.
        caught_up(fleet, application, channels)
    assert fleet.ari("DELETE", f"deviceStates/{device}").status_code == 204

    def told() -> list[str]:
        events = [event for event in application.events if event["type"] == "DeviceStateChanged"]
        return [event["device_state"]["state"] for event in events if event["device_state"]["name"] == device]

    until(lambda: len(told()) >= 3, 5, lambda: f"three changes; told {told()}")
    throughout(lambda: told()[:3] == ["INUSE", "NOT_INUSE", "INUSE"] and len(told()) <= 4, 0.5, lambda: str(told()))
    for channel in channels:
        fleet.ari("DELETE", f"channels/{channel}")


def test_who_asks_for_everything_hears_of_others_and_of_no_leg(fleet: Fleet, application: Application) -> None:
    with Application(fleet, "e2e-all", options="&subscribeAll=true") as everything:
        channels = [originate(fleet, NAME, node) for node in ("ast1", "ast2")]
        bridge = fleet.ari("POST", "bridges", params={"type": "mixing"}).json()["id"]
        for channel in channels:
            application.started(channel)
            assert fleet.ari("POST", f"bridges/{bridge}/addChannel", params={"channel": channel}).status_code == 204
        for channel in channels:
            everything.event(
                "ChannelEnteredBridge", lambda event, id=channel: event["channel"]["id"] == id
            )
            fleet.ari("DELETE", f"channels/{channel}")
            everything.event("ChannelDestroyed", lambda event, id=channel: event["channel"]["id"] == id)
        assert fleet.ari("DELETE", f"bridges/{bridge}").status_code == 204
        heard = json.dumps(everything.events)
        assert "-leg-" not in heard and "PJSIP/node-" not in heard and "PJSIP/trunk" not in heard
        created = [event for event in everything.events if event["type"] == "BridgeCreated"]
        assert [event["bridge"]["id"] for event in created].count(bridge) == 1
    until(
        lambda: all(
            fleet.ari("GET", "applications/e2e-all", headers={"X-Asterisk-ID": node}).status_code == 404
            for node in ("ast1", "ast2")
        ),
        15, "no node to know the application any more",
    )


def test_a_recording_of_any_node_is_found_fetched_copied_and_deleted(fleet: Fleet, application: Application) -> None:
    names = {}
    for node in ("ast1", "ast2"):
        channel = originate(fleet, NAME, node)
        application.started(channel)
        names[node] = f"e2e-{node}-{uuid.uuid4()}"
        recorded = fleet.ari("POST", f"channels/{channel}/record", params={"name": names[node], "format": "wav"})
        assert recorded.status_code == 201, recorded.text
        application.event("RecordingStarted", lambda event, name=names[node]: event["recording"]["name"] == name)
        assert fleet.ari("POST", f"recordings/live/{names[node]}/stop").status_code == 204
        application.event("RecordingFinished", lambda event, name=names[node]: event["recording"]["name"] == name)
        again = fleet.ari("POST", f"channels/{channel}/record", params={"name": names["ast1"], "format": "wav"})
        assert again.status_code == 409
        fleet.ari("DELETE", f"channels/{channel}")
    listed = {recording["name"] for recording in fleet.ari("GET", "recordings/stored").json()}
    assert set(names.values()) <= listed
    for node, name in names.items():
        assert fleet.ari("GET", f"recordings/stored/{name}/file").content[:4] == b"RIFF"
        copy = fleet.ari("POST", f"recordings/stored/{name}/copy", params={"destinationRecordingName": f"{name}-2"})
        assert copy.json()["name"] == f"{name}-2"
        for each in (name, f"{name}-2"):
            assert fleet.ari("DELETE", f"recordings/stored/{each}").status_code == 204
            assert fleet.ari("GET", f"recordings/stored/{each}", headers={"X-Asterisk-ID": node}).status_code == 404


def test_a_node_that_joins_does_what_the_others_were_asked_before(fleet: Fleet, application: Application) -> None:
    device = f"Stasis:late-{uuid.uuid4()}"
    assert fleet.ari("POST", "asterisk/variable", params={"variable": "E2E_LATE", "value": "yes"}).status_code == 204
    assert fleet.ari("PUT", f"deviceStates/{device}", params={"deviceState": "BUSY"}).status_code == 204
    # What is refused changes nothing.
    assert fleet.ari("PUT", f"deviceStates/{device}", params={"deviceState": "NONSENSE"}).status_code >= 400
    fleet.ari("POST", f"applications/{NAME}/subscription", params={"eventSource": f"deviceState:{device}"})
    fleet.scale(3)
    try:
        third = {"X-Asterisk-ID": "ast3"}
        until(
            lambda: fleet.ari("GET", "asterisk/variable", params={"variable": "E2E_LATE"}, headers=third).json()
            == {"value": "yes"},
            10, "the global variable on the third node",
        )
        until(
            lambda: fleet.ari("GET", f"deviceStates/{device}", headers=third).json()["state"] == "BUSY",
            10, "the device state on the third node",
        )
        until(
            lambda: device in fleet.ari("GET", f"applications/{NAME}", headers=third).json()["device_names"],
            10, "the subscription on the third node",
        )
    finally:
        fleet.ari("DELETE", f"deviceStates/{device}")
        fleet.scale(2)


def test_the_fleet_describes_itself_as_one_and_its_id_names_no_node(fleet: Fleet) -> None:
    info = fleet.ari("GET", "asterisk/info").json()
    assert info["system"]["entity_id"] == "02:61:73:74:00:00"
    same = fleet.ari("GET", "channels", headers={"X-Asterisk-ID": info["system"]["entity_id"]})
    assert same.status_code == 200
    one = fleet.ari("GET", "asterisk/info", headers={"X-Asterisk-ID": "ast2"}).json()
    assert one["system"]["entity_id"] == fleet.node("ast2").id


def test_a_subscription_to_a_bridge_covers_nodes_that_it_comes_to_later(fleet: Fleet, application: Application) -> None:
    """Before anybody is in it; two calls of another application then enter it on two nodes."""
    bridge = fleet.ari("POST", "bridges").json()["id"]
    source = {"eventSource": f"bridge:{bridge}"}
    assert fleet.ari("POST", f"applications/{NAME}/subscription", params=source).status_code == 200
    with Application(fleet, "e2e-others") as others:
        calls = [originate(fleet, "e2e-others", node) for node in ("ast1", "ast2")]
        for call in calls:
            others.started(call)
            assert fleet.ari("POST", f"bridges/{bridge}/addChannel", params={"channel": call}).status_code == 204
            application.event("ChannelEnteredBridge", lambda event: event["channel"]["id"] == call)
        assert fleet.ari("DELETE", f"applications/{NAME}/subscription", params=source).status_code == 200
        before = len(application.events)
        for call in calls:
            fleet.ari("DELETE", f"channels/{call}")
            others.event("StasisEnd", lambda event: event["channel"]["id"] == call)
        assert application.events[before:] == []
    until(
        lambda: fleet.ari("DELETE", f"applications/{NAME}/subscription", params=source).status_code == 422, 5,
        "every gateway to know of no subscription",
    )
    fleet.ari("DELETE", f"bridges/{bridge}")
