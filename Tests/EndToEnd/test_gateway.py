"""The fleet's ARI endpoint, driven as any ARI client drives one Asterisk."""

import pytest
import requests

from ari_application import Application
from fleet import Fleet
from phone import Phone
from wait import until


def local_channel(fleet: Fleet, node: str, application: Application) -> str:
    """A channel on one node, in the application, with the greeting at its other end."""
    answer = fleet.ari(
        "POST", "channels", params={"endpoint": "Local/9999@default", "app": application.names[0]},
        headers={"X-Asterisk-ID": fleet.node(node).id},
    )
    assert answer.status_code == 200, answer.text
    channel = answer.json()["id"]
    assert application.started(channel)["asterisk_id"] == fleet.node(node).id
    return channel


@pytest.mark.parametrize(
    "options",
    [{"auth": ("wazo", "wazo")}, {"auth": None, "params": {"api_key": "wazo:wazo"}}],
    ids=["basic", "api_key"],
)
def test_the_right_password_opens(fleet: Fleet, options: dict) -> None:
    assert fleet.ari("GET", "channels", **options).json() == []


@pytest.mark.parametrize(
    "options",
    [{"auth": None}, {"auth": ("wazo", "wrong")}, {"auth": None, "params": {"api_key": "wazo:wrong"}}],
    ids=["none", "basic", "api_key"],
)
def test_a_wrong_password_is_refused_as_asterisk_refuses_it(fleet: Fleet, options: dict) -> None:
    answer = fleet.ari("GET", "channels", **options)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert answer.json() == {"message": "Authentication required"}


def test_requests_go_where_x_asterisk_id_says(fleet: Fleet) -> None:
    for node in fleet.nodes().values():
        answer = fleet.ari("GET", "asterisk/info", headers={"X-Asterisk-ID": node.id})
        assert answer.json()["system"]["entity_id"] == node.id
    unknown = fleet.ari("GET", "asterisk/info", headers={"X-Asterisk-ID": "00:00:00:00:00:00"})
    assert unknown.status_code == 404


def test_requests_go_where_the_channel_is(fleet: Fleet) -> None:
    with Application(fleet, "e2e-routing") as application:
        channels = {node: local_channel(fleet, node, application) for node in fleet.nodes()}
        listed = {channel["id"] for channel in fleet.ari("GET", "channels").json()}
        assert set(channels.values()) <= listed
        for node, channel in channels.items():
            assert fleet.ari("GET", f"channels/{channel}").json()["id"] == channel
            assert channel in {each["id"] for each in fleet.node_ari(node, "channels")}
            variable = f"channels/{channel}/variable"
            assert fleet.ari("POST", variable, params={"variable": "SEEN", "value": node}).status_code == 204
            assert fleet.ari("GET", variable, params={"variable": "SEEN"}).json() == {"value": node}
            assert fleet.ari("DELETE", f"channels/{channel}").status_code == 204
            application.event("StasisEnd", lambda event: event["channel"]["id"] == channel)
            until(lambda: fleet.ari("GET", f"channels/{channel}").status_code == 404, 3, "the channel to be gone")


def test_one_websocket_carries_two_applications_from_every_node(fleet: Fleet) -> None:
    with Application(fleet, "e2e-one", "e2e-two") as both:
        wanted = set()
        for name in both.names:
            for node in fleet.nodes().values():
                answer = fleet.ari(
                    "POST", "channels", params={"endpoint": "Local/9999@default", "app": name},
                    headers={"X-Asterisk-ID": node.id},
                )
                wanted.add((name, node.id, both.started(answer.json()["id"])["channel"]["id"]))
                fleet.ari("DELETE", f"channels/{answer.json()['id']}")
        started = [event for event in both.events if event["type"] == "StasisStart"]
        seen = [(event["application"], event["asterisk_id"], event["channel"]["id"]) for event in started]
        assert set(seen) == wanted
        assert len(seen) == len(wanted), "each event comes once"


UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
"""The headers with which a WebSocket is asked for; the key is that of RFC 6455, section 1.3."""


@pytest.mark.parametrize("query", ("", "?app=", "?app=a,b%20c", "?app=asterism"))
def test_events_asked_for_wrongly_say_what_is_wrong(fleet: Fleet, query: str) -> None:
    answer = fleet.ari("GET", f"events{query}", headers=UPGRADE)
    assert (answer.status_code, "app" in answer.json()["message"].lower()) == (400, True)
    assert fleet.ari("GET", f"events{query}").status_code == 426


def test_an_upgrade_on_a_used_connection_is_taken_and_a_refused_one_ends_it(fleet: Fleet) -> None:
    """Clients with a pool of connections ask on one that they have used; aiohttp does."""
    with requests.Session() as session:
        session.auth = ("wazo", "wazo")
        address = fleet.gateway_url
        assert session.get(f"{address}/ari/asterisk/ping", timeout=5).status_code == 200
        # The parser takes what follows for another protocol, so nothing more would be answered.
        refused = session.get(f"{address}/ari/events", params={"app": ""}, headers=UPGRADE, timeout=5)
        assert (refused.status_code, refused.headers["Connection"]) == (400, "close")
        assert session.get(f"{address}/ari/asterisk/ping", timeout=5).status_code == 200
        with session.get(f"{address}/ari/events?app=late", headers=UPGRADE, timeout=5, stream=True) as taken:
            assert (taken.status_code, taken.headers["Upgrade"]) == (101, "websocket")
            assert taken.headers["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_a_body_that_is_not_the_json_it_claims_to_be_is_refused(fleet: Fleet) -> None:
    headers = {"Content-Type": "application/json"}
    answer = fleet.ari("POST", "bridges/e2e-never", data="{", headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (400, "Error parsing request body")
    assert fleet.ari("GET", "bridges/e2e-never").status_code == 404


@pytest.mark.parametrize("request_path", ("record?name=a&format=", "record?name=a", "variable?value=a", "variable"))
def test_what_would_end_an_asterisk_is_refused(fleet: Fleet, request_path: str) -> None:
    bridge = fleet.ari("POST", "bridges", params={"type": "mixing"}).json()["id"]
    before = {node.name: node.pid for node in fleet.nodes().values()}
    assert fleet.ari("POST", f"bridges/{bridge}/{request_path}").status_code == 400
    assert fleet.ari("DELETE", f"bridges/{bridge}").status_code == 204
    assert fleet.ari("POST", "channels/none/move").status_code == 400
    assert {node.name: node.pid for node in fleet.nodes().values()} == before


def test_what_asterisks_http_server_says_in_html_is_said_in_json(fleet: Fleet) -> None:
    answer = fleet.ari("GET", "channels/x/variable", params={"variable": "a" * 4200})
    assert (answer.status_code, answer.json()) == (400, {"message": "Bad Request"})
    other = fleet.ari("GET", f"asterisk/variable?variable={'a' * 4200}", headers={"X-Asterisk-ID": "ast1"})
    assert (other.status_code, other.json()) == (400, {"message": "Bad Request"})


def test_calls_reach_an_application_of_ones_own(fleet: Fleet, phone: Phone) -> None:
    with Application(fleet, "e2e-own") as application:
        fleet.do("routes", "add", "8044", "e2e-own")
        nodes = {node.id for node in fleet.nodes().values()}

        def started() -> list[dict]:
            return [event for event in application.events if event["type"] == "StasisStart"]

        def every_node_is_reached() -> bool:
            """Dials once more: a route takes a moment to be known to all nodes."""
            call, before = phone.dial("8044"), len(started())
            until(lambda: call.ended_at or len(started()) > before, 5, "the call to arrive or to be refused")
            return {event["asterisk_id"] for event in started()} == nodes

        try:
            until(every_node_is_reached, 10, "calls from both nodes", interval=0.2)
            for event in started():
                assert fleet.ari("POST", f"channels/{event['channel']['id']}/answer").status_code == 204
            calls = [call.answered() for call in phone.calls if call.ended_at is None]
            for call in calls:
                call.send_digits("7")
            for event in started():
                channel = event["channel"]["id"]
                application.event("ChannelDtmfReceived", lambda dtmf: dtmf["channel"]["id"] == channel)
            for call in calls:
                call.hang_up()
        finally:
            fleet.do("routes", "remove", "8044")


def test_a_bridge_spans_the_nodes_and_shows_neither_legs_nor_parts(fleet: Fleet) -> None:
    with Application(fleet, "e2e-bridge") as application:
        channels = {node: local_channel(fleet, node, application) for node in fleet.nodes()}
        bridge = fleet.ari("POST", "bridges", params={"type": "mixing", "name": "e2e"}).json()["id"]
        added = fleet.ari("POST", f"bridges/{bridge}/addChannel", params={"channel": ",".join(channels.values())})
        assert added.status_code == 204, added.text

        fleet.gathered(bridge, *channels.values())
        reported = until(lambda: next(each for each in fleet.bridges() if each["id"] == bridge), 3, "the report")
        until(lambda: len(fleet.bridges()[0]["legs"]) == 1, 5, f"one leg; the report was {reported}")
        fleet.gathered(bridge, *channels.values())
        until(lambda: [each["id"] for each in fleet.ari("GET", "bridges").json()] == [bridge], 5, "one bridge")
        ours = [each["id"] for each in fleet.ari("GET", "channels").json()]
        assert not any("leg-" in each for each in ours)
        assert len(ours) == 4, "two Local channels have two ends each"
        for channel in channels.values():
            application.event("ChannelEnteredBridge", lambda event: event["channel"]["id"] == channel)

        assert fleet.ari("DELETE", f"bridges/{bridge}").status_code == 204
        until(lambda: fleet.ari("GET", f"bridges/{bridge}").status_code == 404, 5, "the bridge to be gone")
        for channel in channels.values():
            assert fleet.ari("DELETE", f"channels/{channel}").status_code == 204
    fleet.empty()


def test_an_unknown_resource_is_not_found_as_in_asterisk(fleet: Fleet) -> None:
    channel = fleet.ari("GET", "channels/no-such-channel")
    assert (channel.status_code, channel.json()) == (404, {"message": "Channel not found"})
    bridge = fleet.ari("GET", "bridges/no-such-bridge")
    assert (bridge.status_code, bridge.json()) == (404, {"message": "Bridge not found"})
