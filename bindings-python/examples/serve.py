"""A server with two tools, for clients of every revision of MCP.

    uvicorn serve:app --port 8000
    granian --interface asgi serve:app --port 8000
    hypercorn serve:app --bind 127.0.0.1:8000

Each shuts it down properly when it is asked to end: calls in flight get ten seconds.
"""

from __future__ import annotations

import asyncio
from typing import Any

from mcp_sansio import Identity, PeerError
from mcp_sansio.asgi import App, Request

TOOLS: list[dict[str, Any]] = [
    {
        "name": "count",
        "description": "Counts, slowly.",
        "inputSchema": {"type": "object", "properties": {"to": {"type": "integer"}}, "required": ["to"]},
    },
    {
        "name": "greet",
        "description": "Asks the user for a name, and greets.",
        "inputSchema": {"type": "object"},
    },
]


async def handle(request: Request) -> dict[str, Any]:
    """From a request to its result, in a task of its own."""
    if request.method == "tools/list":
        return {"tools": TOOLS}
    if request.method != "tools/call":
        raise PeerError(-32601, f"{request.method} is not there")
    tools = {"count": count, "greet": greet}
    tool = tools.get(request.params["name"])
    if tool is None:
        raise PeerError(-32602, f"there is no tool {request.params['name']!r}; see tools/list")
    return {"content": [{"type": "text", "text": await tool(request)}]}


async def count(request: Request) -> str:
    """Tells how far it is. If the client cancels, or leaves for good, the task is cancelled here."""
    to: int = request.params["arguments"]["to"]
    for number in range(to):
        request.progress(number, to)
        await asyncio.sleep(0.01)
    return f"counted to {to}"


async def greet(request: Request) -> str:
    """Asks the user, in whatever way the client's revision has for it."""
    form = {
        "message": "What is your name?",
        "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}},
    }
    answer = await request.input("name", "elicitation/create", form)
    if answer["action"] != "accept":
        return "Hello, whoever you are!"
    return f"Hello, {answer['content']['name']}!"


app = App(Identity("serve", "1.0", capabilities={"tools": {}}), handle)
