"""The SDK for Python, 1.x. What it does is said in scripts/foreign-clients.ts."""

import asyncio
import sys
from datetime import timedelta

from mcp import ClientSession, types
from mcp.client.streamable_http import streamablehttp_client


def done(step: str) -> None:
    print(f"done {step}", flush=True)


async def ask(what: str) -> None:
    print(f"ask {what}", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def main(url: str) -> None:
    changed = asyncio.Event()

    async def on_message(message: object) -> None:
        root = getattr(message, "root", None)
        if isinstance(root, types.ResourceListChangedNotification):
            changed.set()

    async def confirm(_context: object, _params: object) -> types.ElicitResult:
        return types.ElicitResult(action="accept", content={"confirm": True})

    async with streamablehttp_client(url, terminate_on_close=True) as (read, write, _):
        async with ClientSession(
            read,
            write,
            read_timeout_seconds=timedelta(seconds=60),
            elicitation_callback=confirm,
            message_handler=on_message,
        ) as session:

            async def call(name: str, args: dict[str, object], expected: str) -> None:
                result = await session.call_tool(name, args)
                text = "\n".join(getattr(block, "text", "") for block in result.content)
                assert not result.isError and expected in text, f"{name}: {text}"

            print(f"version {(await session.initialize()).protocolVersion}", flush=True)
            done("handshake")
            tools = [tool.name for tool in (await session.list_tools()).tools]
            assert "find" in tools and "update" in tools, tools
            done("list")
            await call("search", {"query": "watering the fern"}, "fern")
            done("search")
            await call("find", {"collection": "plants"}, "fern")
            done("find")
            change = {"collection": "plants", "filter": {"_id": 1}, "update": {"$set": {"checked": True}}}
            await call("update", change, '"changed":1')
            done("confirmed update")
            await ask("idle")
            await call("find", {"collection": "plants", "filter": {"checked": True}}, "fern")
            done("idle beyond the limit")
            changed.clear()
            await ask("change")
            await asyncio.wait_for(changed.wait(), 30)
            done("list-changed")
            await ask("restart")
            await call("find", {"collection": "plants"}, "fern")
            done("restart")


asyncio.run(main(sys.argv[1]))
