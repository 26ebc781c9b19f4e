"""Listens to what changes at a server (since 2026-07-28): `python changes.py URL`."""

import sys

import anyio
import mcp_sansio
from mcp_sansio import Ended, Gap, Notification, Opened


async def main(url: str) -> None:
    async with mcp_sansio.connect(url) as client, client.listen({"toolsListChanged": True}) as changes:
        async for event in changes:
            match event:
                case Opened():
                    print("the server listens to", event.filter)
                    await client.call_tool("switch")
                case Notification():
                    print(event.method, "- list again:", len(await client.list_tools()), "tools")
                    break
                case Gap():
                    print("something may have been missed: list again")
                case Ended(outcome):
                    print("over:", outcome)


if __name__ == "__main__":
    anyio.run(main, sys.argv[1])
