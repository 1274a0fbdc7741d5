"""Two channels in a bridge, by asyncari.

Takes ARI's origin, a user, a password and an application; prints what it saw. The bridge is one of asyncari's state
machines, which gives it an id of its own and waits for what it does to happen.
"""

import json
import sys
from collections.abc import AsyncIterator

import anyio
import asyncari
from asyncari.client import EventMessage
from asyncari.model import OperationError
from asyncari.state import BridgeState


def subject(event: EventMessage) -> str | None:
    """The id of what an event is about."""
    kinds = ("channel", "bridge", "playback", "peer")
    return next((getattr(event, kind).id for kind in kinds if hasattr(event, kind)), None)


async def talk(origin: str, user: str, password: str, application: str) -> dict:
    events: list[tuple[str, str | None]] = []
    ended: list[str] = []
    answering, answered = anyio.create_memory_object_stream(2)

    async def answer(channel: asyncari.client.Channel) -> None:
        await channel.answer()
        await answering.send(channel)

    async def listen(heard: AsyncIterator[EventMessage]) -> None:
        async for event in heard:
            events.append((event["type"], subject(event)))
            if event.type == "StasisStart":
                client.taskgroup.start_soon(answer, event.channel)
            elif event.type == "StasisEnd":
                ended.append(event.channel.id)

    async with asyncari.connect(origin, application, user, password) as client:
        client.taskgroup.start_soon(listen, aiter(client))
        channels = []
        for _ in range(2):
            await client.channels.originate(
                endpoint="Local/9999@default", app=application, variables={"TOPIC": "asyncari"}
            )
            channels.append(await answered.receive())

        async with BridgeState.new(client, name="asyncari") as state:
            bridge = state.bridge
            for channel in channels:
                await state.add(channel)
            playback = await bridge.play(media="sound:hello-world")
            await playback.wait_done()

            told = {
                "channels": [channel.id for channel in channels],
                "topics": [(await channel.getChannelVar(variable="TOPIC"))["value"] for channel in channels],
                "nodes": [(await channel.getChannelVar(variable="ASTERISM_NODE"))["value"] for channel in channels],
                "bridge": bridge.id,
                "members": (await client.bridges.get(bridgeId=bridge.id)).json["channels"],
                "playback": playback.id,
                "playback_state": playback.json["state"],
                "all_channels": {channel.id: channel.name for channel in await client.channels.list()},
                "all_bridges": [each.id for each in await client.bridges.list()],
                "all_endpoints": [endpoint.id for endpoint in await client.endpoints.list()],
            }
            for channel in channels:
                await channel.hangup()
            for channel in channels:
                await channel.wait_down()
        # The bridge has been destroyed on the way out.
        await bridge.wait_for(lambda: ("BridgeDestroyed", bridge.id) in events)
        while "gone" not in told:  # another gateway may hear of it a moment later
            try:
                await client.bridges.get(bridgeId=bridge.id)
                await anyio.sleep(0.05)
            except OperationError as missing:
                told["gone"] = missing.__cause__.response.status_code
        told |= {"ended": ended, "events": events}
    return told


async def within_time() -> dict:
    with anyio.fail_after(40):
        return await talk(*sys.argv[1:])


print(json.dumps(anyio.run(within_time)))
