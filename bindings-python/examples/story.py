"""What is known of a call that brings no answer: `python story.py URL`."""

import sys

import anyio
import mcp_sansio
from mcp_sansio import Failure, Result, RpcError


async def main(url: str) -> None:
    async with mcp_sansio.connect(url) as client:
        outcome = await client.outcome("tools/call", {"name": "slow", "arguments": {"steps": 100}}, max=0.3)
        match outcome:
            case Result():
                print("a result:", outcome.value)
            case RpcError(code, message):
                print("the server's error:", code, message)
            case Failure(execution="unknown"):
                print("it may have run:", outcome)
                print(outcome.story)
            case Failure():
                print("it did not run, so it can be called again:", outcome)


if __name__ == "__main__":
    anyio.run(main, sys.argv[1])
