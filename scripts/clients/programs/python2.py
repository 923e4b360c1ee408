"""The SDK for Python, 2.x, in the mode it is given. What it does is said in scripts/foreign-clients.ts."""

import asyncio
import contextlib
import sys

import mcp_types as types
from mcp import Client


def done(step: str) -> None:
    print(f"done {step}", flush=True)


async def ask(what: str) -> None:
    print(f"ask {what}", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def main(url: str, mode: str) -> None:
    changed = asyncio.Event()

    async def on_message(message: object) -> None:
        if isinstance(message, types.ResourceListChangedNotification):
            changed.set()

    async def confirm(_context: object, _params: object) -> types.ElicitResult:
        return types.ElicitResult(action="accept", content={"confirm": True})

    async with Client(
        url, mode=mode, read_timeout_seconds=60, elicitation_callback=confirm, message_handler=on_message
    ) as client:

        async def call(name: str, args: dict[str, object], expected: str) -> None:
            result = await client.call_tool(name, args)
            text = "\n".join(getattr(block, "text", "") for block in result.content)
            assert not result.is_error and expected in text, f"{name}: {text}"

        version = client.protocol_version
        print(f"version {version}", flush=True)
        done("handshake")
        tools = [tool.name for tool in (await client.list_tools()).tools]
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
        async with contextlib.AsyncExitStack() as stack:
            if version >= "2026-07-28":
                subscription = await stack.enter_async_context(client.listen(resources_list_changed=True))
                await ask("change")
                await asyncio.wait_for(anext(aiter(subscription)), 30)
            else:
                changed.clear()
                await ask("change")
                await asyncio.wait_for(changed.wait(), 30)
        done("list-changed")
        await ask("restart")
        await call("find", {"collection": "plants"}, "fern")
        done("restart")


asyncio.run(main(sys.argv[1], sys.argv[2]))
