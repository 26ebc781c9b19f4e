"""What serving the SDK's servers has of its own, on both event loops; between the drop-ins is nothing but ASGI."""

from __future__ import annotations

import io
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import anyio
import httpx2
import mcp_sansio.sdk
import pytest
from mcp import Client, MCPError, types
from mcp.client.subscriptions import ToolsListChanged
from mcp.server import MCPServer, Server, ServerRequestContext
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp_sansio import ConfigError
from mcp_sansio.sdk import _server, asgi_app, streamable_http_client  # pyright: ignore[reportPrivateUsage]
from pydantic import AnyHttpUrl
from sdk_in_process import InProcess
from sdk_offer import MODERN, Seen, low_level, offer, until
from starlette.applications import Starlette
from starlette.routing import Mount

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from anyio.abc import TaskGroup
    from mcp_sansio import Inspection
    from starlette.types import Scope

pytestmark = [
    pytest.mark.anyio,
    # Sampling, roots and logging are deprecated in favour of what the newest revision brings.
    pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning"),
]

ERAS = pytest.mark.parametrize("mode", ["legacy", "auto"])
URL = "http://localhost/mcp"


class Site:
    """A server of the SDK that runs, and clients of it."""

    def __init__(self, server: MCPServer[Any] | Server[Any], app: Starlette, tasks: TaskGroup) -> None:
        self.app = app
        self._server = server
        self._tasks = tasks

    def http(self, **headers: str) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=InProcess(self.app, self._tasks), headers=headers)

    def client(self, mode: str, http: httpx2.AsyncClient | None = None, **options: Any) -> Client:
        return Client(streamable_http_client(URL, http_client=http or self.http()), mode=mode, **options)

    @property
    def endpoint(self) -> Any:
        return self._server.session_manager.asgi_app

    def inspect(self) -> Inspection:
        return self.endpoint.inspect()


@asynccontextmanager
async def site(server: MCPServer[Any] | Server[Any], **settings: Any) -> AsyncGenerator[Site]:
    """Runs a server, and looks at its end whether anything is left of what it had to do."""
    app = asgi_app(server, **settings)
    async with anyio.create_task_group() as tasks:
        served = Site(server, app, tasks)
        async with server.session_manager.run():
            yield served
        left = served.inspect()
        assert (left.calls, left.obligations, left.exchanges) == ([], [], [])
        assert served.endpoint._owners == served.endpoint._loops == {}
        tasks.cancel_scope.cancel()


async def sample(_context: Any, _params: types.CreateMessageRequestParams) -> types.CreateMessageResult:
    content = types.TextContent(type="text", text="42")
    return types.CreateMessageResult(role="assistant", model="none", content=content)


async def text(client: Client, tool: str, **arguments: object) -> str:
    """What a tool answers."""
    with anyio.fail_after(20):
        content = (await client.call_tool(tool, arguments)).content[0]
    assert isinstance(content, types.TextContent)
    return content.text


@ERAS
async def test_all_of_it_and_nothing_is_left(mode: str) -> None:
    seen, steps = Seen(), list[float]()

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        assert total == 3
        assert message
        steps.append(progress)

    async with site(offer(seen)) as served, served.client(mode, sampling_callback=sample) as client:
        assert await text(client, "echo", text="one") == "one"
        assert await text(client, "ask", kind="sampling") == "sampling: 42"
        await client.call_tool("count", {"to": 3}, progress_callback=hear)
        await until(lambda: sorted(steps) == [1, 2, 3])
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.call_tool, "wait")
            await until(seen.started.is_set)
            assert [owed.method for owed in served.inspect().obligations] == ["tools/call"]
            tasks.cancel_scope.cancel()
        await until(seen.cancelled.is_set)
        if mode == "auto":
            async with client.listen(tools_list_changed=True) as changes:
                await text(client, "change")
                with anyio.fail_after(20):
                    assert isinstance(await anext(aiter(changes)), ToolsListChanged)
    assert seen.alive == [True, False]


@ERAS
async def test_a_call_in_flight_gets_the_grace_and_then_an_error(mode: str) -> None:
    seen, messages = Seen(), list[str]()

    async def call(client: Client) -> None:
        with pytest.raises(MCPError) as raised:
            await client.call_tool("wait")
        messages.append(raised.value.error.message)

    server = offer(seen)
    app = asgi_app(server, grace=0.1)
    async with anyio.create_task_group() as tasks:
        async with anyio.create_task_group() as calls, server.session_manager.run():
            client = await enter(Site(server, app, tasks).client(mode), tasks)
            calls.start_soon(call, client)
            await until(seen.started.is_set)
        tasks.cancel_scope.cancel()
    assert seen.cancelled.is_set()
    assert len(messages) == 1


async def enter(client: Client, tasks: TaskGroup) -> Client:
    """A client that goes on until the tasks end."""

    async def run(*, task_status: anyio.abc.TaskStatus[None]) -> None:
        async with client:
            task_status.started()
            await anyio.sleep_forever()

    await tasks.start(run)
    return client


async def test_without_sessions_each_request_of_the_legacy_era_stands_for_itself() -> None:
    async with site(offer(Seen()), sessions=False) as served:
        http = served.http()
        async with served.client("legacy", http, sampling_callback=sample) as client:
            assert await text(client, "echo", text="one") == "one"
            with pytest.raises(MCPError):
                await client.call_tool("ask", {"kind": "sampling"})
        headers = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
        call = {"name": "echo", "arguments": {"text": "alone"}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        # It has not said who it is, and in which revision it speaks.
        answer = await http.post(URL, json=body, headers=headers)
        assert "alone" in answer.text


@ERAS
async def test_in_json_mode_the_server_cannot_ask(mode: str) -> None:
    async with site(offer(Seen()), mode="json") as served, served.client(mode, sampling_callback=sample) as client:
        assert await text(client, "echo", text="one") == "one"
        if mode == "legacy":
            with pytest.raises(MCPError, match="back-channel"):
                await client.call_tool("ask", {"kind": "sampling"})


async def test_both_ends_can_be_recorded() -> None:
    ours, theirs = io.StringIO(), io.StringIO()
    async with site(low_level(), record=theirs) as served:
        transport = streamable_http_client(URL, http_client=served.http(), record=ours)
        async with Client(transport) as client:
            assert await text(client, "twice", text="na") == "nana"
    for record in (ours, theirs):
        lines = [json.loads(line) for line in record.getvalue().splitlines()]
        assert len(lines) > 10


async def test_a_record_that_cannot_be_written_ends_alone() -> None:
    closed = io.StringIO()
    closed.close()
    async with site(low_level(), record=closed) as served:
        transport = streamable_http_client(URL, http_client=served.http(), record=closed)
        async with Client(transport) as client:
            assert await text(client, "twice", text="na") == "nana"


@ERAS
async def test_a_handler_that_fails_is_an_error_and_nothing_more(mode: str) -> None:
    async with site(low_level()) as served, served.client(mode) as client:
        with anyio.fail_after(20), pytest.raises(MCPError) as raised:
            await client.call_tool("twice", {})
        assert raised.value.error.code == (-32603 if mode == "auto" else 0)
        assert await text(client, "twice", text="na") == "nana"


async def test_what_belongs_to_no_request_does_not_reach_other_clients() -> None:
    heard, handled = list[object](), anyio.Event()
    server = low_level()

    async def on_custom(context: ServerRequestContext[Any], _params: types.NotificationParams) -> None:
        await context.session.send_notification(types.ToolListChangedNotification(), related_request_id="1")
        handled.set()

    async def hear(message: object) -> None:
        heard.append(message)

    server.add_notification_handler("notifications/custom", types.NotificationParams, on_custom)
    async with site(server) as served, served.client("legacy", message_handler=hear) as client:
        headers = {
            "accept": "application/json, text/event-stream",
            "content-type": "application/json",
            "mcp-protocol-version": MODERN,
            "mcp-method": "notifications/custom",
        }
        body = {"jsonrpc": "2.0", "method": "notifications/custom"}
        assert (await served.http().post(URL, json=body, headers=headers)).status_code == 202
        with anyio.fail_after(20):
            await handled.wait()
        assert await text(client, "twice", text="na") == "nana"
    assert heard == []


@ERAS
async def test_a_handler_that_is_slow_has_been_begun_with(mode: str) -> None:
    """The bound on requests that nobody picks up is not theirs."""
    async with site(offer(Seen()), timing={"take": 0.1}) as served, served.client(mode) as client:
        assert await text(client, "rest", seconds=0.5) == "rested"


async def test_a_request_that_the_sdk_has_no_type_for_is_an_error() -> None:
    async with site(offer(Seen()), sessions=False) as served:
        headers = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
        body = {"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": [1]}
        with anyio.fail_after(20):
            answer = await served.http().post(URL, json=body, headers=headers)
    assert "'params': Input should be an object" in answer.text


class Verifier:
    """Lets in who has a token that begins with `good`, and knows whose it is."""

    async def verify_token(self, token: str) -> AccessToken | None:
        if not token.startswith("good"):
            return None
        return AccessToken(token=token, client_id=token, scopes=[])


def guarded() -> MCPServer[Any]:
    issuer = AnyHttpUrl("http://localhost/issuer")
    auth = AuthSettings(issuer_url=issuer, resource_server_url=AnyHttpUrl(URL), validate_token_resource=False)
    server = MCPServer("guarded", auth=auth, token_verifier=Verifier())

    @server.tool()
    async def who() -> str:
        token = get_access_token()
        return "nobody" if token is None else token.client_id

    return server


@ERAS
async def test_authentication_is_the_servers(mode: str) -> None:
    async with site(guarded()) as served:
        async with served.client(mode, served.http(authorization="Bearer good-a")) as client:
            assert await text(client, "who") == "good-a"
        with pytest.RaisesGroup(MCPError, flatten_subgroups=True, allow_unwrapped=True):
            async with served.client(mode, served.http(authorization="Bearer bad")):
                pass


async def dead(*_args: object, **_options: object) -> None:
    raise RuntimeError("the loop is dead")


async def asleep(*_args: object, **_options: object) -> None:
    await anyio.sleep_forever()


@pytest.mark.parametrize("loop", [dead, asleep])
async def test_a_session_whose_loop_does_not_run_is_an_error(
    monkeypatch: pytest.MonkeyPatch, loop: Callable[..., object]
) -> None:
    monkeypatch.setattr(_server, "serve_loop", loop)
    async with site(low_level(), grace=0.1, timing={"take": 0.3}) as served:
        with (
            anyio.fail_after(20),
            pytest.RaisesGroup(pytest.RaisesExc(MCPError, match="session"), flatten_subgroups=True),
        ):
            async with served.client("legacy"):
                pass


async def test_a_session_is_its_users_alone() -> None:
    http: dict[str, httpx2.AsyncClient] = {}
    async with site(guarded()) as served:
        http["a"] = served.http(authorization="Bearer good-a")
        async with served.client("legacy", http["a"]) as client:
            assert await text(client, "who") == "good-a"
            http["a"].headers["authorization"] = "Bearer good-b"
            # It is told that there is no such session, and begins one of its own.
            assert await text(client, "who") == "good-b"


async def test_who_asks_can_be_found_out_otherwise() -> None:
    asked: list[str] = []

    def principal(scope: Scope) -> str | None:
        headers = dict(cast("list[tuple[bytes, bytes]]", scope["headers"]))
        asked.append(headers[b"x-user"].decode())
        return asked[-1]

    async with (
        site(offer(Seen()), principal=principal) as served,
        served.client("legacy", served.http(**{"x-user": "me"})) as client,
    ):
        assert await text(client, "echo", text="one") == "one"
    assert set(asked) == {"me"}


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_mounted_it_runs_by_itself() -> None:
    server = offer(Seen())
    mounted = Starlette(routes=[Mount("/", app=asgi_app(server))])
    async with anyio.create_task_group() as tasks:
        async with Site(server, mounted, tasks).client("legacy") as client:
            assert await text(client, "echo", text="one") == "one"
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("installed", "says"), [("2.2.9", "installed is mcp 2.2.9"), ("3.0.0", "installed is mcp 3.0.0")]
)
def test_an_sdk_that_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch, installed: str, says: str) -> None:
    monkeypatch.setattr(mcp_sansio.sdk, "version", lambda _name: installed)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    with pytest.raises(ImportError, match=says):
        mcp_sansio.sdk._check_sdk()  # pyright: ignore[reportPrivateUsage]


def test_a_setting_that_is_not_there_is_named() -> None:
    with pytest.raises(TypeError, match="patience"):
        asgi_app(offer(Seen()), patience=7)  # pyright: ignore[reportCallIssue]


async def test_a_recording_that_nobody_writes_is_refused() -> None:
    with pytest.raises(ConfigError, match="give a `record`"):
        asgi_app(low_level(), recording="whole")
    with pytest.raises(ConfigError, match="give a `record`"):
        async with streamable_http_client(URL, recording="whole"):
            pass
