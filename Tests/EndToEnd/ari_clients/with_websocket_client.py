"""Says hello to callers, as "Getting Started with ARI" does with wscat and curl, by websocket-client and requests.

Takes ARI's origin, a user, a password, an application and nodes; goes on until every node has had a caller and nobody
is left, and prints what it saw of each channel.
"""

import json
import sys

import requests
import websocket


def is_done(seen: dict[str, list[str]], nodes: set[str]) -> bool:
    """Whether a channel of each node has come, and all of them have gone. Asterisk puts its name before a channel's."""
    return nodes == {channel.split("-")[0] for channel in seen} and all("StasisEnd" in kinds for kinds in seen.values())


def greet(origin: str, user: str, password: str, application: str, *nodes: str) -> dict[str, list[str]]:
    seen: dict[str, list[str]] = {}
    address = f"{origin.replace('http', 'ws', 1)}/ari/events?api_key={user}:{password}&app={application}"
    events = websocket.create_connection(address, timeout=40)
    while not is_done(seen, set(nodes)):
        event = json.loads(events.recv())
        if "playback" in event:
            channel = event["playback"]["target_uri"].removeprefix("channel:")
        elif "channel" in event:
            channel = event["channel"]["id"]
        else:
            continue
        seen.setdefault(channel, []).append(event["type"])
        url = f"{origin}/ari/channels/{channel}"
        match event["type"]:
            case "StasisStart":
                requests.post(f"{url}/answer", auth=(user, password), timeout=10).raise_for_status()
                played = requests.post(f"{url}/play?media=sound:hello-world", auth=(user, password), timeout=10)
                assert (played.status_code, played.json()["target_uri"]) == (201, f"channel:{channel}"), played.text
            case "PlaybackFinished":
                requests.delete(url, auth=(user, password), timeout=10).raise_for_status()
    events.close()
    return seen


print(json.dumps(greet(*sys.argv[1:])))
