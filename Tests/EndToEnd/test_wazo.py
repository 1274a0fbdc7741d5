"""Programs written for Wazo's auth, applicationd and websocketd: the demo application, and the flows of the clients of
both eras, request by request."""

import json
import ssl
import sys

import pytest
import requests
import websocket

from demo_program import APPLICATION, FOLDER, NODE, NUMBER, SUCCESS, DemoProgram
from fleet import CLUSTER, Fleet
from room import all_hear_each_other
from wait import until

sys.path.insert(0, str(FOLDER / "python"))
from wazo_clients import AuthClient, WebsocketdClient  # noqa: E402

EVENT = "user_outgoing_call_created"
CLIENT = {
    "Accept": "application/json", "Content-Type": "application/json", "User-Agent": "OpenAPI-Generator/1.0.0/python",
}
"""The headers of every request of the generated client."""


@pytest.mark.parametrize("program", ["P", "N", "swift"])
def test_callers_of_6001_on_different_nodes_meet_in_the_demo_application(fleet: Fleet, phones, program: str) -> None:
    with DemoProgram(fleet, program) as demo:
        anna, bert = phones(2)
        first = fleet.call_on("ast1", anna, NUMBER)
        second = fleet.call_on("ast2", bert, NUMBER)
        until(lambda: demo.said().count(SUCCESS) >= 2, 10, lambda: f"two calls in the node; it said {demo.said()}")
        all_hear_each_other([first, second])
        until(
            lambda: sorted(channel["node"] for channel in _bridge(fleet)["channels"]) == ["ast1", "ast2"], 5,
            "both callers in the node",
        )
        until(
            lambda: [call["application"] for call in fleet.calls()] == [APPLICATION] * 2, 5, "both in the application"
        )
        first.hang_up()
        second.hang_up()
        until(lambda: not any(bridge["id"] == NODE for bridge in fleet.bridges()), 10, "the end of the empty node")


@pytest.mark.parametrize("era", ["P", "N"])
def test_the_demo_applications_flow_request_by_request(fleet: Fleet, phone, era: str) -> None:
    # 1. A token, as wazo-auth-client asks for it.
    prefix = "" if era == "P" else "/api/auth"
    answer = requests.post(
        f"{fleet.auth_url}{prefix}/0.1/token", data='{"backend": "wazo_user", "expiration": 3600}',
        headers={
            "Authorization": "Basic YWRtaW46c2VjcmV0", "Wazo-Session-Type": "mobile", "Accept": "application/json",
            "Content-Type": "application/json", "User-Agent": "Wazo Python auth client", "Connection": "close",
        },
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    token = data["token"]
    granted = data["acl"]
    assert "websocketd" in granted or "#" in granted

    # 2. The application, with an empty body.
    answer = requests.post(
        f"{fleet.applicationd_url}/1.0/applications/test", headers=_with(token), timeout=10
    )
    assert (answer.status_code, answer.json()) == (200, {"uuid": APPLICATION})

    # 3. The socket: TLS with a certificate that nobody checks.
    version = "" if era == "P" else "?version=2"
    socket = websocket.create_connection(
        f"wss://localhost:{fleet.websocketd_port}/api/websocketd/{version}", timeout=10,
        header=[f"X-Auth-Token: {token}"], sslopt={"cert_reqs": ssl.CERT_NONE, "check_hostname": False},
        origin=f"https://localhost:{fleet.websocketd_port}",
    )
    try:
        expected = {"op": "init", "code": 0, "data": {"version": 1 if era == "P" else 2}}
        assert json.loads(socket.recv()) == expected

        # 4. Subscribe and start, without waiting between.
        socket.send(json.dumps({"op": "subscribe", "data": {"event_name": EVENT}}))
        socket.send(json.dumps({"op": "start"}))
        assert json.loads(socket.recv()) == {"op": "subscribe", "code": 0, "data": None}
        assert json.loads(socket.recv()) == {"op": "start", "code": 0, "data": None}

        # 5. A call's event: the bare body in version 1, in an envelope in version 2.
        call = phone.dial(NUMBER)
        frame = json.loads(socket.recv())
        if era == "N":
            assert (frame["op"], frame["code"]) == ("event", 0)
            frame = frame["data"]
        assert frame["name"] == EVENT
        created = frame["data"]
        assert created["application_uuid"] == APPLICATION
        assert created["call"]["status"] in ("Ring", "Up")
        assert created["call"]["caller_id_number"] == phone.user
        assert created["call"]["muted"] is False
        assert (frame["application_uuid"], frame["call"]) == (APPLICATION, created["call"]), "for today's clients"
    finally:
        socket.close()

    # 6. Answer, and 7. the node.
    identity = created["call"]["id"]
    answer = requests.put(
        f"{fleet.applicationd_url}/1.0/applications/{APPLICATION}/calls/{identity}/answer", headers=_with(token),
        timeout=10,
    )
    assert (answer.status_code, answer.json()) == (200, None)
    call.answered()
    answer = requests.post(
        f"{fleet.applicationd_url}/1.0/applications/{APPLICATION}/nodes/bigone", data=json.dumps([identity]),
        headers=_with(token), timeout=10,
    )
    assert (answer.status_code, answer.json()) == (200, {"uuid": NODE})
    until(lambda: [channel["id"] for channel in _bridge(fleet)["channels"]] == [identity], 5, "the call in the node")

    # The rest of the generated client's methods.
    for verb in ("start", "stop"):
        answer = requests.post(
            f"{fleet.applicationd_url}/1.0/applications/{APPLICATION}/calls/{identity}/mute/{verb}",
            headers=_with(token), timeout=10,
        )
        assert (answer.status_code, answer.json()) == (200, None)
    answer = requests.delete(
        f"{fleet.applicationd_url}/1.0/applications/{APPLICATION}/calls/{identity}", headers=_with(token), timeout=10
    )
    assert (answer.status_code, answer.json()) == (200, None)
    call.ended()


@pytest.mark.parametrize("era", ["P", "N"])
def test_the_auth_clients_flow(fleet: Fleet, era: str) -> None:
    def client(**options) -> AuthClient:
        return AuthClient("127.0.0.1", era, port=fleet.auth_port, **options)

    admin = client(username="admin", password="secret")
    admin.check_status()
    made = admin.new_token("wazo_user", expiration=60, access_type="offline", client_id="e2e-client")
    token, user = made["token"], made["metadata"]["uuid"]
    assert made["refresh_token"]
    assert admin.get_token(token)["auth_id"] == user
    assert admin.get_token(token, "websocketd")["token"] == token
    assert admin.is_valid(token) and admin.is_valid(token, "events.applications.x.calls.1583859032.5.created")
    assert not admin.is_valid("00000000-0000-4000-8000-000000000000")
    assert admin.check_scopes(token, ["websocketd"]) == {"websocketd": True}

    anybody = client()
    renewed = anybody.new_token(expiration=60, client_id="e2e-client", refresh_token=made["refresh_token"])
    assert "refresh_token" not in renewed
    assert renewed["metadata"]["uuid"] == user

    holder = client(token=token)
    assert "e2e-client" in [each["client_id"] for each in holder.list_refresh_tokens(user)["items"]]
    holder.delete_refresh_token(user, "e2e-client")
    assert "e2e-client" not in [each["client_id"] for each in holder.list_refresh_tokens(user)["items"]]
    anybody.revoke(renewed["token"])
    assert not admin.is_valid(renewed["token"])
    anybody.revoke(token)
    with pytest.raises(RuntimeError, match="401"):
        client(username="admin", password="wrong").new_token()


def test_the_websocket_clients_commands(fleet: Fleet) -> None:
    """Version 2: ping with its payload, and a token that takes the place of another."""
    token, other = fleet.token(), fleet.token()
    socket = websocket.create_connection(
        f"ws://127.0.0.1:{fleet.websocketd_port}/?version=2&token={token}", timeout=10
    )
    try:
        assert json.loads(socket.recv())["op"] == "init"
        socket.send(json.dumps({"op": "ping", "data": {"payload": "pong"}}))
        assert json.loads(socket.recv()) == {"op": "pong", "code": 0, "data": {"payload": "pong"}}
        socket.send(json.dumps({"op": "token", "data": {"token": other}}))
        assert json.loads(socket.recv()) == {"op": "token", "code": 0, "data": None}
    finally:
        socket.close()


@pytest.mark.parametrize(("token", "code"), [("", 4001), ("00000000-0000-4000-8000-000000000000", 4002)])
def test_a_socket_without_a_good_token_is_closed_with_the_code_that_clients_know(
    fleet: Fleet, token: str, code: int
) -> None:
    client = WebsocketdClient("127.0.0.1", token, port=fleet.websocketd_port)
    client.run()
    assert client.close_code == code


def test_the_services_answer_below_the_paths_of_a_public_origin(fleet: Fleet) -> None:
    """In a cluster at nginx, all at one origin; in one process each at its own port, with the same paths."""
    shared = 8088 + fleet.port_offset if CLUSTER else None
    client = AuthClient("127.0.0.1", "N", port=shared or fleet.auth_port, username="admin", password="secret")
    token = client.new_token(expiration=60)["token"]
    applicationd = f"http://127.0.0.1:{shared or fleet.applicationd_port}/api/applicationd"
    answer = requests.post(f"{applicationd}/1.0/applications/test", headers=_with(token), timeout=10)
    assert answer.json() == {"uuid": APPLICATION}
    assert requests.get(f"{applicationd}/openapi.json", timeout=10).json()["info"]["title"]
    socket = websocket.create_connection(
        f"ws://127.0.0.1:{shared or fleet.websocketd_port}/api/websocketd/?version=2", timeout=10,
        header=[f"X-Auth-Token: {token}"],
    )
    try:
        assert json.loads(socket.recv())["op"] == "init"
    finally:
        socket.close()


def _with(token: str) -> dict[str, str]:
    return CLIENT | {"X-Auth-Token": token}


def _bridge(fleet: Fleet) -> dict:
    return next(bridge for bridge in fleet.bridges() if bridge["id"] == NODE)


@pytest.mark.parametrize("header", ["X-Auth-Token", "Authorization"])
def test_a_token_opens_ari_and_the_operators_api_too(fleet: Fleet, header: str) -> None:
    token = fleet.token()
    good = {header: token if header == "X-Auth-Token" else f"Bearer {token}"}
    bad = {header: good[header][:-1] + ("0" if token[-1] != "0" else "1")}
    base = fleet.ari_url.removesuffix("/ari")
    for path in ("/ari/channels", "/fleet/nodes"):
        assert requests.get(base + path, headers=good, timeout=10).status_code == 200
        assert requests.get(base + path, headers=bad, timeout=10).status_code == 401
