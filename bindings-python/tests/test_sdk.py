"""The SDK's public API over the drop-ins: its client on our transport, its servers on our engine, and both."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio
import mcp.client.streamable_http as theirs
import pytest
from mcp import Client, ClientSession, MCPError, types
from mcp.client.subscriptions import ToolsListChanged
from mcp.server import MCPServer
from mcp_sansio.sdk import asgi_app, streamable_http_client
from pydantic import FileUrl
from sdk_offer import MODERN, Seen, low_level, offer, served, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

pytestmark = [
    pytest.mark.anyio,
    # Sampling, roots and logging are deprecated in favour of what the newest revision brings.
    pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning"),
]

ERAS = pytest.mark.parametrize("mode", ["legacy", "auto"])
LEGACY = pytest.mark.parametrize("mode", ["legacy"])


class Pair(NamedTuple):
    """Whose client talks to whose server."""

    transport: Callable[[str], Any]
    app: Callable[[MCPServer[Any]], ASGIApp]


PAIRS = {
    "our-client": Pair(streamable_http_client, MCPServer.streamable_http_app),
    "our-server": Pair(theirs.streamable_http_client, partial(asgi_app, grace=1.0)),
    "both-ours": Pair(streamable_http_client, partial(asgi_app, grace=1.0)),
}


class World:
    """A server that runs, and clients of it."""

    def __init__(self, pair: Pair, stack: ExitStack) -> None:
        self.seen = Seen()
        self._pair = pair
        self._stack = stack
        self.url = self.serve()

    def serve(self, port: int = 0) -> str:
        self._server = ExitStack()
        self._stack.enter_context(self._server)
        return self._server.enter_context(served(self.seen.watch(self._pair.app(offer(self.seen))), port))

    def restart(self) -> None:
        """Another server, in the same place, that knows nothing of the sessions of the first."""
        self._server.close()
        self.serve(int(self.url.split(":")[2].split("/")[0]))

    def client(self, mode: str, **options: Any) -> Client:
        return Client(self._pair.transport(self.url), mode=mode, **options)


@pytest.fixture(
    params=[
        "our-client",
        # On trio the SDK's own transport leaves streams to the garbage collector.
        pytest.param("our-server", marks=pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")),
        "both-ours",
    ]
)
def pair(request: pytest.FixtureRequest) -> Pair:
    return PAIRS[request.param]


@pytest.fixture
def world(pair: Pair) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(pair, stack)


@ERAS
async def test_tools(world: World, mode: str) -> None:
    async with world.client(mode) as client:
        assert client.protocol_version == ("2025-11-25" if mode == "legacy" else MODERN)
        assert client.instructions == "Ask."
        assert "echo" in [tool.name for tool in (await client.list_tools()).tools]
        assert await text(client, "echo", text="h\u00e9llo \U0001f980") == "h\u00e9llo \U0001f980"
        assert await text(client, "state") == "state"
        assert await text(client, "header", name="user-agent") != "None"
        assert (await client.call_tool("fail")).is_error
        with pytest.raises(MCPError):
            await client.session.send_request(types.Request(method="no/such", params=None), types.EmptyResult)


@ERAS
async def test_many_calls_at_once(world: World, mode: str) -> None:
    answers: list[str] = []

    async def call(client: Client, number: int) -> None:
        answers.append(await text(client, "echo", text=str(number)))

    async with world.client(mode) as client, anyio.create_task_group() as tasks:
        for number in range(50):
            tasks.start_soon(call, client, number)
    assert sorted(map(int, answers)) == list(range(50))


@ERAS
async def test_resources_and_prompts(world: World, mode: str) -> None:
    async with world.client(mode) as client:
        assert [str(one.uri) for one in (await client.list_resources()).resources] == ["test://greeting"]
        assert len((await client.list_resource_templates()).resource_templates) == 1
        assert await resource(client, "test://greeting") == "good day"
        assert await resource(client, "test://you/greeting") == "good day, you"
        with pytest.raises(MCPError):
            await client.read_resource("test://nothing")
        assert [prompt.name for prompt in (await client.list_prompts()).prompts] == ["greet"]
        prompt = await client.get_prompt("greet", {"name": "her"})
        content = prompt.messages[0].content
        assert isinstance(content, types.TextContent)
        assert content.text == "Greet her."


@ERAS
async def test_progress(world: World, mode: str) -> None:
    steps: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        steps.append((progress, total, message))

    async with world.client(mode) as client:
        await client.call_tool("count", {"to": 3}, progress_callback=hear)
        await until(lambda: len(steps) == 3)
    assert sorted(steps) == [(step, 3, f"step {step}") for step in (1, 2, 3)]


@ERAS
async def test_logging(world: World, mode: str) -> None:
    logged: list[object] = []

    async def log(message: types.LoggingMessageNotificationParams) -> None:
        logged.append(message.data)

    async with world.client(mode, logging_callback=log, log_level="info") as client:
        assert await text(client, "log", text="so far so good") == "logged"
        await until(lambda: logged == ["so far so good"])


@ERAS
@pytest.mark.parametrize("kind", ["sampling", "elicitation", "roots"])
async def test_questions(world: World, mode: str, kind: str) -> None:
    async def sample(_context: Any, _params: types.CreateMessageRequestParams) -> types.CreateMessageResult:
        content = types.TextContent(type="text", text="42")
        return types.CreateMessageResult(role="assistant", model="none", content=content)

    async def elicit(_context: Any, _params: types.ElicitRequestParams) -> types.ElicitResult:
        return types.ElicitResult(action="accept", content={"answer": "42"})

    async def roots(_context: Any) -> types.ListRootsResult:
        return types.ListRootsResult(roots=[types.Root(uri=FileUrl("file:///42"))])

    callbacks = {"sampling_callback": sample, "elicitation_callback": elicit, "list_roots_callback": roots}
    async with world.client(mode, **callbacks) as client:
        assert await text(client, "ask", kind=kind) == f"{kind}: {'file:///42' if kind == 'roots' else '42'}"


@ERAS
async def test_a_question_that_nobody_can_answer_is_an_error(world: World, mode: str) -> None:
    async with world.client(mode) as client:
        with anyio.fail_after(20), pytest.raises(MCPError):
            await client.call_tool("ask", {"kind": "sampling"})
        assert await text(client, "echo", text="on") == "on"


@ERAS
async def test_a_cancelled_call_ends_its_handler(world: World, mode: str) -> None:
    async with world.client(mode) as client:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.call_tool, "wait")
            await until(world.seen.started.is_set)
            tasks.cancel_scope.cancel()
        await until(world.seen.cancelled.is_set)
        assert await text(client, "echo", text="on") == "on"


@LEGACY
async def test_what_a_session_is_told(world: World, mode: str) -> None:
    heard: list[str] = []

    async def hear(message: object) -> None:
        heard.append(type(message).__name__)

    async with world.client(mode, message_handler=hear) as client:
        await text(client, "change")
        await until(lambda: "ToolListChangedNotification" in heard)


@pytest.mark.parametrize("mode", ["auto"])
async def test_subscriptions(world: World, mode: str) -> None:
    async with world.client(mode) as client, client.listen(tools_list_changed=True) as changes:
        assert changes.honored.tools_list_changed
        await text(client, "change")
        with anyio.fail_after(20):
            assert isinstance(await anext(aiter(changes)), ToolsListChanged)
        # A second one is of its own, and outlives the first.
        async with client.listen(tools_list_changed=True) as more:
            await text(client, "change")
            with anyio.fail_after(20):
                assert isinstance(await anext(aiter(more)), ToolsListChanged)


@LEGACY
async def test_a_stream_that_the_server_closes_is_resumed(world: World, pair: Pair, mode: str) -> None:
    async with world.client(mode) as client:
        assert await text(client, "poll") == "polled"
    # The SDK's own transport closes streams only if it was given a store for their events.
    assert world.seen.resumed == (0 if pair is PAIRS["our-client"] else 1)


@LEGACY
async def test_a_standalone_stream_that_the_server_closes_is_resumed(world: World, pair: Pair, mode: str) -> None:
    heard: list[str] = []

    async def hear(message: object) -> None:
        heard.append(type(message).__name__)

    async with world.client(mode, message_handler=hear) as client:
        await text(client, "change")
        await until(lambda: len(heard) == 1)
        await text(client, "release")
        await text(client, "change")
        await until(lambda: len(heard) == 2)
    assert world.seen.resumed == (0 if pair is PAIRS["our-client"] else 1)


@ERAS
async def test_a_server_that_begins_anew(world: World, pair: Pair, mode: str) -> None:
    async with world.client(mode) as client:
        assert await text(client, "echo", text="one") == "one"
        await anyio.to_thread.run_sync(world.restart)
        if pair.transport is streamable_http_client or mode == "auto":
            assert await text(client, "echo", text="two") == "two"
        else:
            with anyio.fail_after(20), pytest.raises(MCPError, match="not known"):
                await client.call_tool("echo", {"text": "two"})


@ERAS
async def test_a_call_whose_server_goes_away(world: World, mode: str) -> None:
    """It is an error soon, of the server as long as that can still say so; nothing hangs."""
    with anyio.fail_after(30):
        async with world.client(mode) as client:
            outcome: list[MCPError] = []

            async def call() -> None:
                with pytest.raises(MCPError) as raised:
                    await client.call_tool("wait")
                outcome.append(raised.value)

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(call)
                await until(world.seen.started.is_set)
                await anyio.to_thread.run_sync(world.restart)
    assert len(outcome) == 1


@ERAS
async def test_a_session_by_hand(world: World, pair: Pair, mode: str) -> None:
    async with pair.transport(world.url) as (read, write), ClientSession(read, write) as session:
        await (session.initialize() if mode == "legacy" else session.discover())
        result = await session.call_tool("echo", {"text": "by hand"})
    assert isinstance(result.content[0], types.TextContent)


async def test_the_lifespan_is_the_servers(world: World) -> None:
    async with world.client("legacy") as client:
        await text(client, "echo", text="on")
        assert world.seen.alive == [True]
        await anyio.to_thread.run_sync(world.restart)
        assert world.seen.alive == [True, False, True]


@ERAS
async def test_a_low_level_server(mode: str) -> None:
    with served(asgi_app(low_level())) as url:
        async with Client(streamable_http_client(url), mode=mode) as client:
            assert await text(client, "twice", text="na") == "nana"


async def text(client: Client, tool: str, **arguments: object) -> str:
    """What a tool answers."""
    with anyio.fail_after(20):
        result = await client.call_tool(tool, arguments)
    if not result.content:
        return "None"
    content = result.content[0]
    assert isinstance(content, types.TextContent)
    return content.text


async def resource(client: Client, uri: str) -> str:
    """What a resource says."""
    content = (await client.read_resource(uri)).contents[0]
    assert isinstance(content, types.TextResourceContents)
    return content.text
