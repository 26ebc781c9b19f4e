"""The official SDK's client on this package's transport: what changes is where `streamable_http_client` comes from.

    python sdk_client.py http://127.0.0.1:8000/mcp

No call of it hangs: each ends within a minute, or 20 seconds after the last sign of progress where that is asked for,
and an error says what happened and whether the server may have run the call.
"""

import asyncio
import sys

from mcp import Client, MCPError
from mcp.types import TextContent
from mcp_sansio.sdk import streamable_http_client


async def on_progress(progress: float, total: float | None, message: str | None) -> None:
    print(f"{progress:.0f} of {total or 0:.0f}: {message}")


async def main(url: str) -> None:
    transport = streamable_http_client(url, timing={"max": 60.0, "idle": 20.0})
    async with Client(transport) as client:
        print(f"speaking {client.protocol_version}")
        print("tools:", ", ".join(tool.name for tool in (await client.list_tools()).tools))
        try:
            result = await client.call_tool("count", {"to": 3}, progress_callback=on_progress)
        except MCPError as error:
            print(f"failed: {error}", error.data, sep="\n")
            return
        for content in result.content:
            if isinstance(content, TextContent):
                print(content.text)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
