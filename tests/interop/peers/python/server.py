"""A server on the official Python SDK (`mcp`), with the tools that every peer offers.

Usage: python server.py json|sse [IDLE_MS]. A session ends when it was idle for IDLE_MS.

It tells the tests what it sees as one JSON object a line on standard output, and exits when standard
input ends.
"""

import asyncio
import json
import os
import socket
import sys
import threading
import warnings
from importlib.metadata import version
from typing import Any, Literal

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp.types import JSONRPCMessage, SamplingMessage, TextContent

# Sampling and logging are deprecated in favour of what the revision after ours brings.
warnings.simplefilter("ignore", MCPDeprecationWarning)

Via = Literal["call", "standalone"]


def report(**event: Any) -> None:
    print(json.dumps(event), flush=True)


class MemoryEventStore(EventStore):
    """Event ids are positions in one list, so the order of storing is the order of replay."""

    def __init__(self) -> None:
        self.events: list[tuple[str, JSONRPCMessage | None]] = []

    async def store_event(self, stream_id: str, message: JSONRPCMessage | None) -> str:
        self.events.append((stream_id, message))
        return str(len(self.events) - 1)

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        last = int(last_event_id)
        stream = self.events[last][0]
        # A copy: an event stored during the replay is delivered by the live stream.
        for position, (stream_id, message) in list(enumerate(self.events))[last + 1 :]:
            if stream_id == stream and message is not None:
                await send_callback(EventMessage(message, str(position)))
        return stream


server = MCPServer("python")


def stream_of(via: Via, context: Context) -> str | None:
    """What the SDK calls `related_request_id`: given, the message goes on the call's own stream."""
    return context.request_id if via == "call" else None


@server.tool()
async def echo(text: str) -> str:
    return text


@server.tool()
async def add(a: int, b: int) -> str:
    return str(a + b)


@server.tool()
async def slow(label: str, steps: int, step_ms: int, context: Context) -> str:
    report(event="started", label=label)
    try:
        for step in range(1, steps + 1):
            await asyncio.sleep(step_ms / 1000)
            await context.report_progress(step, steps)
    except asyncio.CancelledError:
        report(event="cancelled", label=label)
        raise
    return f"{label} done"


@server.tool()
async def ask(via: Via, context: Context) -> str:
    question = SamplingMessage(role="user", content=TextContent(type="text", text="What is the answer?"))
    result = await context.session.create_message(
        [question], max_tokens=16, related_request_id=stream_of(via, context)
    )
    assert isinstance(result.content, TextContent)
    return result.content.text


@server.tool()
async def drop(context: Context) -> str:
    await context.info("before the drop")
    await context.close_sse_stream()
    await asyncio.sleep(0.3)
    await context.info("after the drop")
    return "resumed"


@server.tool()
async def notify(via: Via, text: str, context: Context) -> str:
    await context.session.send_log_message("info", text, related_request_id=stream_of(via, context))
    return "sent"


@server.tool()
async def fail() -> str:
    raise ToolError("failed on purpose")


def exit_with_tests() -> None:
    """The tests hold the other end of standard input. When they go, however they go, so does the peer."""
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    threading.Thread(target=exit_with_tests, daemon=True).start()
    mode, *idle_ms = sys.argv[1:]
    app = server.streamable_http_app(
        json_response=mode == "json",
        session_idle_timeout=int(idle_ms[0]) / 1000 if idle_ms else None,
        event_store=MemoryEventStore(),
        # What the client is told to wait before it resumes, in milliseconds.
        retry_interval=100,
    )
    listener = socket.create_server(("127.0.0.1", 0))
    report(event="ready", port=listener.getsockname()[1], version=version("mcp"))
    config = uvicorn.Config(app, log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])


main()
