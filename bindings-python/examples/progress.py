"""Watches the progress of a call, and gives up when there is none for a while: `python progress.py URL`."""

import sys
from typing import Any

import anyio
import mcp_sansio


def show(params: dict[str, Any]) -> None:
    print(f"{params['progress']:.0f} of {params['total']:.0f}")


async def main(url: str) -> None:
    async with mcp_sansio.connect(url) as client:
        result = await client.call_tool("slow", {"steps": 3, "text": "done"}, progress=show, idle=10)
        print(result["content"][0]["text"])


if __name__ == "__main__":
    anyio.run(main, sys.argv[1])
