"""The asynchronous client among tasks: whoever is cancelled, whatever is raised, nothing is left and nothing hangs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import anyio
import anyio.to_thread
import httpx2
import mcp_sansio
import mcp_sansio.sync
import pytest
from client_server import LEGACY, MODERN, Exchange, Server, polite, serve
from mcp_sansio import CallFailed, Failure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = pytest.mark.anyio

ERAS = pytest.mark.parametrize("version", [LEGACY, MODERN])
TIMING: Any = {"close": 0.5}

connect = partial(mcp_sansio.connect, timing=TIMING)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return request.param


def silent(x: Exchange) -> None:
    """Never answers a call of a tool but `echo`."""
    if x.tool and x.tool != "echo":
        x.stream()
        x.hold()
        x.server.left.append(x)
    else:
        polite(x)


async def until(holds: Callable[[], object]) -> None:
    with anyio.fail_after(30):
        while not holds():  # noqa: ASYNC110 - what is waited for happens on threads
            await anyio.sleep(0.005)


async def ended(server: Server) -> None:
    """A session has ended in order."""
    await until(lambda: server.count("DELETE") == 1)


@ERAS
async def test_cancelling_the_task_cancels_the_call(version: str) -> None:
    with serve(silent, version) as server:
        async with connect(server.url) as client:
            async with anyio.create_task_group() as group:
                group.start_soon(client.call_tool, "silent")
                await until(lambda: any(x.tool for x in server.requests))
                group.cancel_scope.cancel()
            assert client.inspect().calls == []
            if version == LEGACY:
                await until(lambda: server.count("notifications/cancelled") == 1)
            await until(lambda: server.left)
            await client.call_tool("echo")
        assert server.count("notifications/cancelled") == (1 if version == LEGACY else 0)


async def test_one_of_many_is_cancelled() -> None:
    with serve(silent) as server:
        async with connect(server.url) as client, anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(client.call_tool, "silent")
            await until(lambda: len(client.inspect().calls) == 10)
            await client.call_tool("echo")
            group.cancel_scope.cancel()
        assert client.inspect().calls == []


@pytest.mark.parametrize("error", [ValueError("mine"), SystemExit(3), KeyboardInterrupt()])
async def test_exceptions_of_the_body_come_out_as_they_are(error: BaseException) -> None:
    with serve(silent) as server:
        with pytest.raises(type(error)) as raised:
            async with connect(server.url):
                raise error
        assert raised.value is error
        await until(lambda: server.count("DELETE") == 1)


async def test_failures_in_the_body_come_out_as_they_are() -> None:
    with serve(silent) as server:
        with pytest.raises(CallFailed, match="timed out"):
            async with connect(server.url) as client:
                await client.call_tool("silent", max=0.01)
        await until(lambda: server.count("DELETE") == 1)


async def test_whoever_cancels_the_client_waits_for_its_goodbye() -> None:
    clients: list[mcp_sansio.AsyncClient] = []
    with serve(silent) as server:
        with anyio.CancelScope() as scope:
            async with connect(server.url) as client, anyio.create_task_group() as group:
                clients.append(client)
                group.start_soon(client.call_tool, "silent")
                await until(lambda: any(x.tool for x in server.requests))
                scope.cancel()
                async for _ in client.notifications():
                    pass
        assert server.count("DELETE") == 1
        inspection = clients[0].inspect()
        assert (inspection.calls, inspection.exchanges) == ([], [])


async def test_goodbye_is_bounded() -> None:
    def script(x: Exchange) -> None:
        if x.http == "DELETE":
            x.hold()
        else:
            polite(x)

    with serve(script) as server:
        began = 0.0
        with anyio.CancelScope() as scope:
            async with connect(server.url):
                began = time.monotonic()
                scope.cancel()
                await anyio.sleep_forever()
        assert 0.4 < time.monotonic() - began < 20


@pytest.mark.parametrize("method", ["initialize", "server/discover"])
async def test_cancelled_while_connecting(method: str) -> None:
    def script(x: Exchange) -> None:
        if x.method == method:
            x.hold()
        else:
            polite(x)

    with serve(script) as server:
        with anyio.move_on_after(0.2) as scope:
            async with connect(server.url):
                pytest.fail("this server lets nobody in")
        assert scope.cancelled_caught


async def test_cancelled_before_it_began() -> None:
    with serve() as server:
        with anyio.CancelScope() as scope:
            scope.cancel()
            async with connect(server.url):
                pytest.fail("nothing can begin here")
        assert server.requests == []


async def test_concurrent_clients() -> None:
    async def use(url: str) -> None:
        async with connect(url) as client:
            for _ in range(5):
                await client.call_tool("echo", {"text": "hi"})

    with serve() as server:
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(use, server.url)
        assert server.count("DELETE") == 20


async def test_progress_callbacks_may_wait() -> None:
    def script(x: Exchange) -> None:
        if not x.tool:
            return polite(x)
        x.stream()
        for step in range(5):
            x.progress(step)
        return x.event(x.says("done"))

    heard: list[int] = []

    async def hear(params: dict[str, Any]) -> None:
        await anyio.sleep(0.001)
        heard.append(params["progress"])

    with serve(script) as server:
        async with connect(server.url) as client:
            await client.call_tool("echo", progress=hear)
    assert heard == [0, 1, 2, 3, 4]


async def test_calls_go_on_while_others_leave() -> None:
    """Cancelled at any moment, a call leaves nothing behind."""
    with serve() as server:
        async with connect(server.url) as client:
            for delay in range(20):
                with anyio.move_on_after(delay / 4_000):
                    await client.call_tool("echo", {"text": "hi"})
            await client.call_tool("echo")
            assert client.inspect().calls == []


async def test_dropped_readers_leave_their_room_to_others() -> None:
    def script(x: Exchange) -> None:
        if not x.tool:
            return polite(x)
        x.stream()
        for number in range(100):
            x.event({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": number}})
        x.progress(1)
        return x.event(x.says("done"))

    with serve(script) as server:
        async with connect(server.url) as client:
            client.notifications()
            heard: list[Any] = []
            reader = client.notifications()
            await client.call_tool("echo")
            del reader
            await client.call_tool("echo", progress=heard.append)
            assert len(heard) == 1


async def test_other_threads_are_told() -> None:
    with serve() as server:
        async with connect(server.url) as client:
            with pytest.raises(RuntimeError, match="one thread"):
                await anyio.to_thread.run_sync(client.notify, "notifications/roots/list_changed")
            await client.call_tool("echo")


async def test_no_task_is_left(anyio_backend: str) -> None:
    if anyio_backend == "trio":
        return  # trio has no tasks outside of a nursery
    before = asyncio.all_tasks()
    with serve(silent) as server:
        async with connect(server.url) as client:
            calls = [asyncio.create_task(client.outcome("tools/call", {"name": "silent"})) for _ in range(5)]
            await until(lambda: len(client.inspect().calls) == 5)
        for outcome in await asyncio.gather(*calls):
            assert isinstance(outcome, Failure)
            assert outcome.kind == "closed"
    assert asyncio.all_tasks() == before


async def own_httpx2(url: str) -> None:
    seen: list[Any] = []

    async def hook(request: Any) -> None:
        seen.append(request)

    headers = {"x-own": "1", "content-type": "text/plain"}
    http = httpx2.AsyncClient(headers=headers, event_hooks={"request": [hook]}, timeout=0.001)
    async with aclosing(http):
        async with connect(url, http=http) as client:
            await client.call_tool("slow")
        assert not http.is_closed
        assert seen


async def own_aiohttp(url: str) -> None:
    headers = {"x-own": "1", "content-type": "text/plain"}
    timeout = aiohttp.ClientTimeout(total=0.001)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as http:
        async with connect(url, http=http) as client:
            await client.call_tool("slow")
        assert not http.closed


@pytest.mark.parametrize("use", [own_httpx2, own_aiohttp])
async def test_the_applications_own_http(use: Callable[[str], Awaitable[None]], anyio_backend: str) -> None:
    if use is own_aiohttp and anyio_backend == "trio":
        return  # aiohttp is for asyncio alone

    def script(x: Exchange) -> None:
        if x.tool:
            time.sleep(0.1)
        polite(x)

    with serve(script) as server:
        await use(server.url)
        assert {x.headers["x-own"] for x in server.requests} == {"1"}
        assert {x.headers["content-type"] for x in server.requests if x.http == "POST"} == {"application/json"}


def test_machines_need_nothing() -> None:
    program = (
        "import sys, mcp_sansio, mcp_sansio.client, mcp_sansio.server\n"
        "mcp_sansio.Client('http://localhost'); mcp_sansio.CallFailed; mcp_sansio.PeerError(1, 'x')\n"
        "heavy = {'anyio', 'asyncio', 'trio', 'httpx2', 'httpcore2', 'aiohttp', 'mcp'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
        "for name in mcp_sansio.__all__: getattr(mcp_sansio, name)\n"
        "mcp_sansio.sync.connect\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_thread_names_tell_whose_they_are() -> None:
    with serve() as server, mcp_sansio.sync.connect(server.url) as client:
        client.call_tool("echo")
        assert any(thread.name == "mcp-sansio" for thread in threading.enumerate())
