"""Calls a tool, on asyncio or trio: `python call.py URL`."""

import sys

import anyio
import mcp_sansio


async def main(url: str) -> None:
    async with mcp_sansio.connect(url) as client:
        for tool in await client.list_tools():
            print(tool["name"])
        result = await client.call_tool("echo", {"text": "hello"})
        print(result["content"][0]["text"])


if __name__ == "__main__":
    anyio.run(main, sys.argv[1])
