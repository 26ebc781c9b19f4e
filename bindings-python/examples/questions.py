"""Answers what the server asks in the midst of a call: `python questions.py URL`."""

import sys

import anyio
import mcp_sansio
from mcp_sansio import Identity, PeerError, ServerRequest


async def answer(request: ServerRequest) -> object:
    if request.method != "elicitation/create" or request.params is None:
        raise PeerError(-32601, f"{request.method} is not supported")
    print("the server asks:", request.params["message"])
    return {"action": "accept", "content": {"answer": "forty-two"}}


async def main(url: str) -> None:
    identity = Identity("questions", "1.0", capabilities={"elicitation": {}})
    async with mcp_sansio.connect(url, identity=identity, on_request=answer) as client:
        result = await client.call_tool("ask", {"question": "what is the answer?"})
        print(result["content"][0]["text"])


if __name__ == "__main__":
    anyio.run(main, sys.argv[1])
