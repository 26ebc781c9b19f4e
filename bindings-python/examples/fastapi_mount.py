"""An MCP server as a part of a FastAPI application, which says who asks.

    uvicorn fastapi_mount:app --port 8000

The MCP endpoint is /mcp. Nobody is asked who he is in an example: the name is taken from a header.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from mcp_sansio import Identity, PeerError
from mcp_sansio.asgi import App, Request, Scope
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

notes: dict[str, list[str]] = {}


def user(scope: Scope) -> str | None:
    """Who asks. A session belongs to whoever began it, and does not exist for anybody else."""
    names = [value.decode() for name, value in scope["headers"] if name == b"x-user"]
    return names[0] if names else None


async def handle(request: Request) -> dict[str, Any]:
    """One tool, which remembers."""
    if request.method == "tools/list":
        return {"tools": [{"name": "remember", "inputSchema": {"type": "object"}}]}
    if request.method != "tools/call":
        raise PeerError(-32601, f"{request.method} is not there")
    notes.setdefault(user(request.scope) or "", []).append(request.params["arguments"]["what"])
    return {"content": [{"type": "text", "text": "I will"}]}


tools = App(Identity("notes", "1.0", capabilities={"tools": {}}), handle, principal=user)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
    """A part of an application has no lifespan of its own, so it runs in that of the whole."""
    async with tools.running():
        yield


# `app.mount("/mcp", tools)` would do, too; but there, /mcp itself is redirected to /mcp/.
app = FastAPI(lifespan=lifespan, routes=[Route("/mcp", endpoint=tools)])


@app.get("/notes/{name}")
def read(name: str) -> list[str]:
    """What the tool was told, for everything that speaks no MCP."""
    return notes.get(name, [])
