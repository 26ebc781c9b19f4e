"""What the HTTP servers serve in the tests: tools, and a look at what is left of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
from mcp_sansio import Identity, PeerError
from mcp_sansio.asgi import App

if TYPE_CHECKING:
    from mcp_sansio.asgi import Receive, Request, Scope, Send

gate = anyio.Event()


async def handle(request: Request) -> object:
    """The tools."""
    if request.method == "tools/list":
        return {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in TOOLS]}
    tool = TOOLS.get(request.params.get("name", "")) if request.method == "tools/call" else None
    if tool is None:
        raise PeerError(-32601, f"{request.method} is not there")
    result = await tool(request)
    return {"content": [{"type": "text", "text": result}]}


async def echo(request: Request) -> str:
    return request.params["arguments"]["text"]


async def wait(request: Request) -> str:
    """Waits until the gate is open."""
    request.progress(1, 2, "waiting")
    await gate.wait()
    return "waited"


async def open_gate(_: Request) -> str:
    global gate  # noqa: PLW0603
    gate.set()
    gate = anyio.Event()
    return "opened"


async def sleep(request: Request) -> str:
    await anyio.sleep(request.params["arguments"]["seconds"])
    return "slept"


async def flood(request: Request) -> str:
    """More than any buffer holds."""
    for step in range(100_000):
        request.progress(step, message="x" * 60_000)
        await anyio.sleep(0.001)
    return "all taken"


async def sample(request: Request) -> str:
    answer = await request.ask("sampling/createMessage", {"messages": [], "maxTokens": 1})
    return answer["content"]["text"]


async def book(request: Request) -> str:
    form: dict[str, Any] = {"message": "How many?", "requestedSchema": {"type": "object", "properties": {}}}
    answer = await request.input("seats", "elicitation/create", form)
    return f"{answer['content']['seats']} seats"


async def fail(_: Request) -> str:
    raise ValueError("hunter2")


async def lose(request: Request) -> str:
    """Ends its own session."""
    if request.session is not None:
        request.session.end("evicted")
    return "lost"


TOOLS = {
    "echo": echo,
    "wait": wait,
    "open": open_gate,
    "sleep": sleep,
    "flood": flood,
    "sample": sample,
    "book": book,
    "fail": fail,
    "lose": lose,
}

tools = App(
    Identity("tools", "1.0", capabilities={"tools": {}}),
    handle,
    limits={"body": 100_000},
    timing={"stall": 1.0, "head": 0.05},
)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The tools, and at /look what is left of them."""
    if scope["type"] != "http" or scope["path"] != "/look":
        return await tools(scope, receive, send)
    seen = tools.inspect()
    look = {
        "obligations": len(seen.obligations),
        "calls": len(seen.calls),
        "exchanges": len(seen.exchanges),
        "sessions": len(tools.sessions),
        "tasks": len(anyio.get_running_tasks()),
    }
    body = json.dumps(look).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    return None
