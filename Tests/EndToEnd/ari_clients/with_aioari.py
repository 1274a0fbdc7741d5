"""Two channels in a bridge, by aioari.

Takes ARI's origin, a user, a password and an application; prints what it saw.
"""

import asyncio
import json
import sys

import aioari
from aiohttp.web_exceptions import HTTPNotFound


def subject(event: dict) -> str | None:
    """The id of what an event is about."""
    return next((event[kind]["id"] for kind in ("channel", "bridge", "playback", "peer") if kind in event), None)


async def talk(origin: str, user: str, password: str, application: str) -> dict:
    events: list[tuple[str, str | None]] = []
    answered, ended, played, destroyed = (asyncio.Queue() for _ in range(4))

    async def answer(channels: dict, event: dict) -> None:
        """StasisStart may name two channels, so that aioari gives all by their role."""
        await channels["channel"].answer()
        answered.put_nowait(channels["channel"])

    client = await aioari.connect(origin, user, password)
    client.on_event("*", lambda event: events.append((event["type"], subject(event))))
    client.on_channel_event("StasisStart", answer)
    client.on_channel_event("StasisEnd", lambda channel, event: ended.put_nowait(channel.id))
    client.on_playback_event("PlaybackFinished", lambda playback, event: played.put_nowait(playback.json["state"]))
    client.on_bridge_event("BridgeDestroyed", lambda bridge, event: destroyed.put_nowait(bridge.id))
    listening = asyncio.create_task(client.run(application))
    try:
        while not client.websockets:
            if listening.done():
                await listening
            await asyncio.sleep(0.01)

        channels = []
        for _ in range(2):
            await client.channels.originate(
                endpoint="Local/9999@default", app=application, variables={"TOPIC": "aioari"}
            )
            channels.append(await answered.get())
        bridge = await client.bridges.create(type="mixing", name="aioari")
        for channel in channels:
            await bridge.addChannel(channel=channel.id)
        playback = await bridge.play(media="sound:hello-world")
        state = await played.get()

        told = {
            "channels": [channel.id for channel in channels],
            "topics": [(await channel.getChannelVar(variable="TOPIC"))["value"] for channel in channels],
            "nodes": [(await channel.getChannelVar(variable="ASTERISM_NODE"))["value"] for channel in channels],
            "bridge": bridge.id,
            "members": (await client.bridges.get(bridgeId=bridge.id)).json["channels"],
            "playback": playback.id,
            "playback_state": state,
            "all_channels": {channel.id: channel.json["name"] for channel in await client.channels.list()},
            "all_bridges": [each.id for each in await client.bridges.list()],
            "all_endpoints": [endpoint.id for endpoint in await client.endpoints.list()],
        }
        for channel in channels:
            await channel.hangup()
        told["ended"] = [await ended.get() for _ in channels]
        await bridge.destroy()
        await destroyed.get()
        while "gone" not in told:  # another gateway may hear of it a moment later
            try:
                await client.bridges.get(bridgeId=bridge.id)
                await asyncio.sleep(0.05)
            except HTTPNotFound as missing:
                told["gone"] = missing.status
        return told | {"events": events}
    finally:
        await client.close()
        await listening


print(json.dumps(asyncio.run(asyncio.wait_for(talk(*sys.argv[1:]), 40))))
