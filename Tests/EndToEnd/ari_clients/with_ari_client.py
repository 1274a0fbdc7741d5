"""Two channels in a bridge, by ari-client.

Takes ARI's origin, a user, a password and an application; prints what it saw. Every event and every answer goes
through ari-client's models, which refuse what is not as Asterisk has it.
"""

import asyncio
import json
import sys
from urllib.parse import urlsplit

from ari_client import (
    AriClient, AriError, BridgeDestroyedEvent, Event, EventType, PlaybackFinishedEvent, StasisEndEvent,
    StasisStartEvent,
)


def subject(event: Event) -> str | None:
    """The id of what an event is about."""
    things = (getattr(event, kind, None) for kind in ("channel", "bridge", "playback", "peer"))
    return next((thing.id for thing in things if thing), None)


async def talk(origin: str, user: str, password: str, application: str) -> dict:
    events: list[tuple[str, str | None]] = []
    answered, ended, played, destroyed = (asyncio.Queue() for _ in range(4))

    async def hear(event: Event) -> None:
        events.append((event.type.value, subject(event)))
        match event:
            case StasisStartEvent():
                await event.channel.answer()
                answered.put_nowait(event.channel)
            case StasisEndEvent():
                ended.put_nowait(event.channel.id)
            case PlaybackFinishedEvent():
                played.put_nowait(event.playback.state)
            case BridgeDestroyedEvent():
                destroyed.put_nowait(event.bridge.id)

    address = urlsplit(origin)
    client = AriClient(host=address.hostname, port=address.port, ari_user=user, ari_password=password)
    for kind in EventType:
        client.on_event(kind)(hear)
    await client.connect(app=application)
    try:
        channels = []
        for _ in range(2):
            await client.ari.originate(endpoint="Local/9999@default", variables={"TOPIC": "ari-client"})
            channels.append(await answered.get())
        bridge = await client.ari.create_bridge(type="mixing", name="ari-client")
        for channel in channels:
            await bridge.add_channel(channel.id)
        playback = await bridge.play(media="sound:hello-world")
        state = await played.get()

        told = {
            "channels": [channel.id for channel in channels],
            "topics": [await client.ari.get_channel_variable(channel.id, "TOPIC") for channel in channels],
            "nodes": [await client.ari.get_channel_variable(channel.id, "ASTERISM_NODE") for channel in channels],
            "bridge": bridge.id,
            "members": (await client.ari.get_bridge(bridge.id)).channels,
            "playback": playback.id,
            "playback_state": state,
            "all_channels": {channel.id: channel.name for channel in await client.ari.list_channels()},
            "all_bridges": [each.id for each in await client.ari.list_bridges()],
            "all_endpoints": [f"{each.technology}/{each.resource}" for each in await client.ari.list_endpoints()],
        }
        for channel in channels:
            await channel.stop()
        told["ended"] = [await ended.get() for _ in channels]
        await bridge.stop()
        await destroyed.get()
        while "gone" not in told:  # another gateway may hear of it a moment later
            try:
                await client.ari.get_bridge(bridge.id)
                await asyncio.sleep(0.05)
            except AriError as missing:
                told["gone"] = missing.status_code
        return told | {"events": events}
    finally:
        await client.disconnect()


print(json.dumps(asyncio.run(asyncio.wait_for(talk(*sys.argv[1:]), 40))))
