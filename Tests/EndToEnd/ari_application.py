"""An ARI application on the fleet's event WebSocket, as any ARI client would hold one."""

import json
import threading
from collections.abc import Callable

import websocket

from fleet import Fleet, Node
from wait import until

Event = dict


class Application:
    """Listens to the events of one or more applications until it is closed; a context manager."""

    def __init__(self, fleet: Fleet, *names: str, at: str | None = None, options: str = "") -> None:
        """`at` is the base of another ARI than the fleet's public one; `options` is added to the query.

        The gateway waits two seconds for the nodes to have heard of the applications; here it may take longer.
        """
        self.names = names
        self.events: list[Event] = []
        self.end: str | None = None
        """Why no more events come; nothing while they do."""
        base = (at or fleet.ari_url).replace("http", "ws", 1)
        url = f"{base}/events?app={','.join(names)}&api_key=wazo:wazo{options}"
        self._socket = websocket.create_connection(url, timeout=10)
        self._socket.settimeout(None)
        self._reader = threading.Thread(target=self._read, name="events", daemon=True)
        self._reader.start()
        try:
            until(lambda: self._is_known(fleet), 5, f"every node to know {', '.join(names)}")
        except TimeoutError:
            self.__exit__()
            raise

    def __enter__(self) -> "Application":
        return self

    def __exit__(self, *_) -> None:
        self._socket.close()
        self._reader.join(5)

    def event(self, kind: str, matching: Callable[[Event], bool] = lambda _: True, timeout: float = 10) -> Event:
        """Waits for an event of one type that also matches; events that came earlier count."""

        def found() -> Event | None:
            return next((event for event in list(self.events) if event["type"] == kind and matching(event)), None)

        return until(
            found, timeout, lambda: f"a {kind} for {self.names}; lately {[each['type'] for each in self.events[-20:]]}"
        )

    def started(self, channel: str, timeout: float = 10) -> Event:
        """Waits until a channel has entered the application."""
        return self.event("StasisStart", lambda event: event["channel"]["id"] == channel, timeout)

    def _is_known(self, fleet: Fleet) -> bool:
        """Whether every node that takes calls has the applications; raises where one has not."""
        nodes = map(Node, fleet.at_each_gateway("fleet/nodes?secrets=true")[0])
        return all(node.ask(f"applications/{name}") for node in nodes if node.state == "up" for name in self.names)

    def _read(self) -> None:
        while True:
            try:
                text = self._socket.recv()
            except (websocket.WebSocketException, OSError) as error:
                self.end = repr(error)
                return
            if not text:
                self.end = "closed by the gateway"
                return
            self.events.append(json.loads(text))
