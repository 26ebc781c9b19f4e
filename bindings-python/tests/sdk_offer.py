"""A server of the official SDK, with all that these tests ask of one, and ways to serve it in a thread."""

import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import uvicorn
from mcp.server import MCPServer, Server, ServerRequestContext
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import (
    CallToolRequestParams,
    CallToolResult,
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    InputRequiredResult,
    ListRootsRequest,
    ListToolsResult,
    PaginatedRequestParams,
    SamplingMessage,
    TextContent,
    Tool,
)
from pydantic import BaseModel
from starlette.types import ASGIApp, Receive, Scope, Send

MODERN = "2026-07-28"
QUESTION = SamplingMessage(role="user", content=TextContent(type="text", text="What is the answer?"))


class Answer(BaseModel):
    """What a person is asked for."""

    answer: str


REQUESTS: dict[str, CreateMessageRequest | ElicitRequest | ListRootsRequest] = {
    "sampling": CreateMessageRequest(params=CreateMessageRequestParams(messages=[QUESTION], max_tokens=16)),
    "elicitation": ElicitRequest(
        params=ElicitRequestFormParams(message="What is the answer?", requested_schema=Answer.model_json_schema())
    ),
    "roots": ListRootsRequest(),
}


@dataclass
class Seen:
    """What happened in a server, for tests in other threads."""

    started: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)
    alive: list[bool] = field(default_factory=list[bool])
    """Of the lifespan: begun, and ended."""
    resumed: int = 0
    """How often a client came back to a stream."""

    def watch(self, app: ASGIApp) -> ASGIApp:
        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and any(name == b"last-event-id" for name, _ in scope["headers"]):
                self.resumed += 1
            await app(scope, receive, send)

        return watched


def offer(seen: Seen) -> MCPServer:
    """The server."""

    @asynccontextmanager
    async def lifespan(_server: MCPServer) -> AsyncGenerator[str]:
        seen.alive.append(True)
        yield "state"
        seen.alive.append(False)

    server = MCPServer("offer", version="1.0", instructions="Ask.", lifespan=lifespan)

    @server.tool()
    async def echo(text: str) -> str:
        return text

    @server.tool()
    async def fail() -> str:
        raise ToolError("failed on purpose")

    @server.tool()
    async def state(context: Context[str, Any]) -> str:
        return context.request_context.lifespan_context

    @server.tool()
    async def header(name: str, context: Context[str, Any]) -> str | None:
        return (context.headers or {}).get(name)

    @server.tool()
    async def count(to: int, context: Context[str, Any]) -> str:
        for step in range(1, to + 1):
            await context.report_progress(step, to, f"step {step}")
        return "counted"

    @server.tool()
    async def wait() -> str:
        seen.started.set()
        try:
            await anyio.sleep(60)
        except BaseException:
            seen.cancelled.set()
            raise
        return "waited"

    @server.tool()
    async def log(text: str, context: Context[str, Any]) -> str:
        await context.info(text)  # pyright: ignore[reportDeprecated]
        return "logged"

    @server.tool()
    async def change(context: Context[str, Any]) -> str:
        await context.notify_tools_changed()
        await context.session.send_tool_list_changed()
        return "changed"

    @server.tool()
    async def rest(seconds: float) -> str:
        await anyio.sleep(seconds)
        return "rested"

    @server.tool()
    async def release(context: Context[str, Any]) -> str:
        await context.close_standalone_sse_stream()
        return "released"

    @server.tool()
    async def poll(context: Context[str, Any]) -> str:
        await context.close_sse_stream()
        await anyio.sleep(0.2)
        return "polled"

    @server.tool()
    async def ask(kind: str, context: Context[str, Any]) -> str | InputRequiredResult:
        if context.protocol_version == MODERN:
            if context.input_responses is None:
                return InputRequiredResult(input_requests={kind: REQUESTS[kind]}, request_state="half way")
            return said(kind, context.input_responses[kind])
        if kind == "sampling":
            result = await context.session.create_message(  # pyright: ignore[reportDeprecated]
                [QUESTION], max_tokens=16, related_request_id=context.request_id
            )
        elif kind == "elicitation":
            answered = await context.elicit("What is the answer?", Answer)
            return f"elicitation: {answered.data.answer if answered.action == 'accept' else None}"
        else:
            result = await context.session.list_roots()  # pyright: ignore[reportDeprecated]
        return said(kind, result)

    @server.resource("test://greeting", mime_type="text/plain")
    async def greeting() -> str:
        return "good day"

    @server.resource("test://{name}/greeting")
    async def greeting_of(name: str) -> str:
        return f"good day, {name}"

    @server.prompt()
    async def greet(name: str) -> str:
        return f"Greet {name}."

    return server


def said(kind: str, result: Any) -> str:
    """What the client said to a question."""
    match kind:
        case "sampling":
            return f"sampling: {result.content.text}"
        case "elicitation":
            return f"elicitation: {result.content['answer']}"
        case _:
            return f"roots: {result.roots[0].uri}"


def low_level() -> Server[Any]:
    """A low-level server, with one tool."""

    async def list_tools(
        _context: ServerRequestContext[Any], _params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=[Tool(name="twice", input_schema={"type": "object"})])

    async def call_tool(_context: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        text = str((params.arguments or {})["text"])
        return CallToolResult(content=[TextContent(type="text", text=text * 2)])

    return Server("low level", on_list_tools=list_tools, on_call_tool=call_tool)


@contextmanager
def served(app: ASGIApp, port: int = 0) -> Generator[str]:
    """Serves an application in a thread, and gives the URL of its endpoint. At the end it is shut down."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the server did not start")
            thread.join(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        thread.join(20)


async def until(holds: Callable[[], bool]) -> None:
    """Waits for what is sure to come."""
    with anyio.fail_after(20):
        while not holds():  # noqa: ASYNC110 - some of it happens in other threads
            await anyio.sleep(0.01)
