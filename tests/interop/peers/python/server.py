"""A server on the official Python SDK (`mcp`), with what every peer offers.

Usage: python server.py json|sse|http-sse [IDLE_MS]. A session ends when it was idle for IDLE_MS. `json` and
`sse` serve both eras at one endpoint; `http-sse` is the transport of the first revision.

It tells the tests what it sees as one JSON object a line on standard output, does what they say on its
standard input, and exits when that ends.
"""

import asyncio
import json
import os
import socket
import sys
import threading
import warnings
from collections.abc import Coroutine
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated, Any, Literal

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ServerEvent,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp.types import (
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    InputRequiredResult,
    JSONRPCMessage,
    ListRootsRequest,
    SamplingMessage,
    SubscriptionsListenRequestParams,
    TextContent,
)
from pydantic import Field

# Sampling and logging are deprecated in favour of what the newest revision brings.
warnings.simplefilter("ignore", MCPDeprecationWarning)

MODERN = "2026-07-28"

Via = Literal["call", "standalone"]
Kind = Literal["sampling", "elicitation", "roots", "all", "rounds"]

QUESTION = SamplingMessage(role="user", content=TextContent(type="text", text="What is the answer?"))
REQUESTS = {
    "sampling": CreateMessageRequest(params=CreateMessageRequestParams(messages=[QUESTION], max_tokens=16)),
    "elicitation": ElicitRequest(
        params=ElicitRequestFormParams(
            message="What is the answer?",
            requested_schema={"type": "object", "properties": {"answer": {"type": "string"}}},
        )
    ),
    "roots": ListRootsRequest(),
}
# It has characters that do not survive a change of encoding.
STATE = 'st.ate/with+special=chars "quotes"\n\t\u00e9\U0001f980'


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


bus = InMemorySubscriptionBus()
listening = ListenHandler(bus)
server = MCPServer("python", subscriptions=False)
# The SDK's own handler of listen requests is out of reach, and with it the way to end its streams.
server._lowlevel_server.add_request_handler("subscriptions/listen", SubscriptionsListenRequestParams, listening)


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
async def ask(via: Via, context: Context, kind: Kind = "sampling") -> str | InputRequiredResult:
    if context.protocol_version == MODERN:
        return rounds(context) if kind == "rounds" else ask_by_result(kind, context)
    result = await context.session.create_message(
        [QUESTION], max_tokens=16, related_request_id=stream_of(via, context)
    )
    return said("sampling", result)


def ask_by_result(kind: str, context: Context) -> str | InputRequiredResult:
    """Asks all at once, with a state that must come back."""
    kinds = list(REQUESTS) if kind == "all" else [kind]
    if context.request_state is None:
        return InputRequiredResult(input_requests={kind: REQUESTS[kind] for kind in kinds}, request_state=STATE)
    assert context.request_state == STATE, context.request_state
    responses = context.input_responses or {}
    return " ".join(said(kind, responses[kind]) for kind in kinds)


def rounds(context: Context) -> str | InputRequiredResult:
    """Two questions one after the other, and then a round in which nothing is asked."""
    state, responses = context.request_state, context.input_responses or {}
    question = {"elicitation": REQUESTS["elicitation"]}
    if state is None:
        return InputRequiredResult(input_requests=question, request_state="one")
    answer = said("elicitation", responses["elicitation"]) if "elicitation" in responses else None
    if state == "one":
        return InputRequiredResult(input_requests=question, request_state=f"two {answer}")
    if state.startswith("two"):
        return InputRequiredResult(request_state=f"three {state} {answer}")
    return state


def said(kind: str, result: Any) -> str:
    """What the client said, of the result of a question."""
    match kind:
        case "sampling":
            return result.content.text
        case "elicitation":
            return result.content["answer"]
        case _:
            return str(result.roots[0].uri)


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
async def mirror(
    region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})],
    level: Annotated[int, Field(json_schema_extra={"x-mcp-header": "Level"})],
    plain: str,
) -> str:
    """In the modern era its marked arguments come as headers too, and the SDK compares them."""
    return f"{region} {level} {plain}"


@server.tool()
async def fail() -> str:
    raise ToolError("failed on purpose")


@server.resource("test://greeting", name="greeting", mime_type="text/plain")
async def greeting() -> str:
    return "good day"


@server.prompt()
async def greet(name: str) -> str:
    return f"Greet {name}."


CHANGES: dict[str, ServerEvent] = {
    "tools": ToolsListChanged(),
    "prompts": PromptsListChanged(),
    "resources": ResourcesListChanged(),
}


def obey(order: dict[str, str] | Literal["end"]) -> None:
    if order == "end":
        listening.close()
    elif "change" in order:
        spawn(bus.publish(CHANGES[order["change"]]))
    else:
        spawn(bus.publish(ResourceUpdated(uri=order["update"])))


tasks: set[asyncio.Task[None]] = set()


def spawn(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    # The loop itself holds no strong reference to it.
    tasks.add(task)
    task.add_done_callback(tasks.discard)


def read_orders(loop: asyncio.AbstractEventLoop) -> None:
    """The tests hold the other end of standard input. When they go, however they go, so does the peer."""
    for line in sys.stdin:
        with suppress(RuntimeError):  # The loop has ended.
            loop.call_soon_threadsafe(obey, json.loads(line))
    os._exit(0)


async def main() -> None:
    threading.Thread(target=read_orders, args=(asyncio.get_running_loop(),), daemon=True).start()
    mode, *idle_ms = sys.argv[1:]
    if mode == "http-sse":
        app = server.sse_app(sse_path="/mcp")
    else:
        app = streamable(mode == "json", int(idle_ms[0]) / 1000 if idle_ms else None)
    listener = socket.create_server(("127.0.0.1", 0))
    report(event="ready", port=listener.getsockname()[1], version=version("mcp"))
    await uvicorn.Server(uvicorn.Config(app, log_level="warning")).serve(sockets=[listener])


def streamable(json_response: bool, idle: float | None) -> Any:
    return server.streamable_http_app(
        json_response=json_response,
        session_idle_timeout=idle,
        event_store=MemoryEventStore(),
        # What the client is told to wait before it resumes, in milliseconds.
        retry_interval=100,
    )


asyncio.run(main())
