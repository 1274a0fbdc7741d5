"""What Wazo's client libraries put on the wire, in both of their eras: auth, applicationd and websocketd.

Wazo's own libraries are not on PyPI; these classes send the same requests, with the same headers, so that a program
written for those libraries can be tried without them. The era says which ones:

    "P"  those of 2020: auth at port 9497, version 1 of the WebSocket protocol, callbacks get an event's `data`
    "N"  today's: auth behind /api/auth, version 2, callbacks get the whole event
"""

import json
import ssl
from collections.abc import Callable

import requests
import websocket

TIMEOUT = 10
"""Seconds for any one request."""


class AuthClient:
    """wazo-auth-client: `AuthClient(...).token.new(...)` and its relatives."""

    def __init__(
        self, host: str, era: str = "N", *, port: int | None = None, prefix: str | None = None, https: bool = False,
        username: str = "", password: str = "", token: str | None = None,
    ) -> None:
        port = port or (9497 if era == "P" else 443)
        prefix = prefix if prefix is not None else ("" if era == "P" else "/api/auth")
        self.base = f"{'https' if https else 'http'}://{host}:{port}{prefix}/0.1"
        self._user = (username, password)
        self._token = token

    def new_token(
        self, backend: str = "wazo_user", *, expiration: int | None = None, session_type: str | None = None,
        access_type: str | None = None, client_id: str | None = None, refresh_token: str | None = None,
    ) -> dict:
        """`token.new`: needs 200 exactly, and returns what is under `data`."""
        body = {
            "backend": backend, "expiration": expiration, "access_type": access_type, "client_id": client_id,
            "refresh_token": refresh_token,
        }
        headers = {"User-Agent": "Wazo Python auth client"}
        if session_type:
            headers["Wazo-Session-Type"] = session_type
        answer = self._ask("POST", "token", json={k: v for k, v in body.items() if v}, auth=self._user, headers=headers)
        return self._needs(answer, 200).json()["data"]

    def get_token(self, token: str, required_acl: str | None = None, tenant: str | None = None) -> dict:
        """`token.get`."""
        asked = {k: v for k, v in {"scope": required_acl, "tenant": tenant}.items() if v}
        return self._needs(self._ask("GET", f"token/{token}", params=asked), 200).json()["data"]

    def is_valid(self, token: str, required_acl: str | None = None) -> bool:
        """`token.is_valid`."""
        answer = self._ask("HEAD", f"token/{token}", params={"scope": required_acl} if required_acl else {})
        if answer.status_code in (403, 404):
            return False
        return self._needs(answer, 204).status_code == 204

    def check_scopes(self, token: str, scopes: list[str]) -> dict:
        """`token.check_scopes`."""
        answer = self._ask("POST", f"token/{token}/scopes/check", json={"scopes": scopes, "tenant_uuid": None})
        return self._needs(answer, 200).json()["scopes"]

    def revoke(self, token: str) -> None:
        """`token.revoke`: whatever the answer."""
        self._ask("DELETE", f"token/{token}")

    def list_refresh_tokens(self, user: str) -> dict:
        """`token.list`."""
        return self._needs(self._ask("GET", f"users/{user}/tokens"), 200).json()

    def delete_refresh_token(self, user: str, client_id: str) -> None:
        """`token.delete`."""
        self._needs(self._ask("DELETE", f"users/{user}/tokens/{client_id}"), 204)

    def check_status(self) -> None:
        """`status.check`."""
        self._needs(self._ask("HEAD", "status"), 200)

    def _ask(self, method: str, path: str, headers: dict | None = None, **options) -> requests.Response:
        sent = {"Accept": "application/json", "Connection": "close"} | (headers or {})
        if self._token:
            sent["X-Auth-Token"] = self._token
        return requests.request(method, f"{self.base}/{path}", headers=sent, timeout=TIMEOUT, **options)

    @staticmethod
    def _needs(answer: requests.Response, status: int) -> requests.Response:
        if answer.status_code != status:
            raise RuntimeError(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")
        return answer


class ApplicationdClient:
    """wazo-applicationd-client, which openapi-generator had made from the service's description."""

    def __init__(self, host: str = "http://localhost", token: str | None = None) -> None:
        self.host = host
        self._token = token

    def status(self) -> dict:
        return self._ask("GET", "/status")

    def register_application(self, name: str) -> dict:
        return self._ask("POST", f"/1.0/applications/{name}")

    def call_answer(self, application: str, call: str) -> None:
        return self._ask("PUT", f"/1.0/applications/{application}/calls/{call}/answer")

    def call_hangup(self, application: str, call: str) -> None:
        return self._ask("DELETE", f"/1.0/applications/{application}/calls/{call}")

    def call_mute_start(self, application: str, call: str) -> None:
        return self._ask("POST", f"/1.0/applications/{application}/calls/{call}/mute/start")

    def call_mute_stop(self, application: str, call: str) -> None:
        return self._ask("POST", f"/1.0/applications/{application}/calls/{call}/mute/stop")

    def create_node_with_calls(self, application: str, node: str, calls: list[str]) -> dict:
        return self._ask("POST", f"/1.0/applications/{application}/nodes/{node}", calls)

    def _ask(self, method: str, path: str, body: list | None = None):
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "OpenAPI-Generator/1.0.0/python",
        }
        # The client of the time sent no token; a service that wants one is told it here.
        if self._token:
            headers["X-Auth-Token"] = self._token
        data = None if body is None else json.dumps(body)
        answer = requests.request(method, self.host + path, data=data, headers=headers, timeout=TIMEOUT)
        if not 200 <= answer.status_code <= 299:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()


class WebsocketdClient:
    """wazo-websocketd-client: callbacks by the name of the event, and `run`, which returns when the socket closes."""

    def __init__(
        self, host: str, token: str, era: str = "N", *, port: int = 9502, prefix: str = "/api/websocketd",
        wss: bool = True, verify: bool = False,
    ) -> None:
        self.era = era
        self.url = f"{'wss' if wss else 'ws'}://{host}:{port}{prefix}/" + ("?version=2" if era == "N" else "")
        self.is_running = False
        self.on_start: Callable[[], None] = lambda: None
        self.close_code: int | None = None
        self._callbacks: dict[str, Callable[[dict], None]] = {}
        self._socket = websocket.WebSocketApp(
            self.url, header=[f"X-Auth-Token: {token}"], on_message=self._take, on_close=self._closed
        )
        self._verify = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE

    def on(self, event: str, callback: Callable[[dict], None]) -> None:
        """Calls back for every event of that name; `*` stands for all."""
        self._callbacks[event] = callback

    def run(self) -> None:
        self._socket.run_forever(sslopt={"cert_reqs": self._verify, "check_hostname": False})

    def close(self) -> None:
        self._socket.close()

    def ping(self, payload: str) -> None:
        self._send({"op": "ping", "data": {"payload": payload}})

    def update_token(self, token: str) -> None:
        self._send({"op": "token", "data": {"token": token}})

    def _send(self, message: dict) -> None:
        self._socket.send(json.dumps(message))

    def _take(self, _, text: str) -> None:
        message = json.loads(text)
        if not self.is_running:
            if message.get("op") == "init":
                for event in self._callbacks:
                    self._send({"op": "subscribe", "data": {"event_name": event}})
                self._send({"op": "start"})
            elif message.get("op") == "start":
                self.is_running = True
                self.on_start()
        elif self.era == "P":
            self._call(message.get("name"), message.get("data"))
        elif message.get("op") == "event":
            self._call(message["data"].get("name"), message["data"])

    def _call(self, name: str | None, argument) -> None:
        callback = self._callbacks.get("*") or self._callbacks.get(name)
        if callback:
            callback(argument)

    def _closed(self, _, code: int | None, __) -> None:
        self.close_code = code
