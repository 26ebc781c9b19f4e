"""When the server runs, how it ends, and what it leaves behind."""

from __future__ import annotations

import asyncio
import io
import json
import signal
import threading
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest
from asgi_bare import PATIENCE, WHO, Exchange, Site, assert_empty, site, until
from asgi_wire import call, get, in_session, modern, request
from mcp_sansio import ConfigError
from mcp_sansio.asgi import App

if TYPE_CHECKING:
    from types import FrameType

    from mcp_sansio.asgi import Message, Request

pytestmark = pytest.mark.anyio


async def answer(_: Request) -> object:
    return {}


async def test_the_lifespan_runs_the_server_and_ends_it() -> None:
    app = App(WHO, answer)
    started, ended = anyio.Event(), anyio.Event()
    asked = [{"type": "lifespan.startup"}]
    sent: list[str] = []

    async def receive() -> Message:
        if asked:
            return asked.pop()
        await ended.wait()
        return {"type": "lifespan.shutdown"}

    async def send(message: Message) -> None:
        sent.append(message["type"])
        started.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(app, {"type": "lifespan"}, receive, send)
        await started.wait()
        here = Site(app, tasks)
        session = await here.session()
        standing = here.send("GET", get(session))
        assert await standing.status() == 200
        ended.set()
        assert await standing.message() is None
        with anyio.fail_after(PATIENCE):
            await until(lambda: len(sent) == 2)
        # Whoever comes late is told.
        assert await here.post(call("any"), session).status() == 503
        tasks.cancel_scope.cancel()
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert_empty(app)


async def test_it_runs_again_with_a_machine_that_is_new() -> None:
    app = App(WHO, answer)
    tool = {
        "name": "t",
        "inputSchema": {"type": "object", "properties": {"r": {"type": "string", "x-mcp-header": "R"}}},
    }
    app.declare_tools([tool])
    for _ in range(2):
        async with anyio.create_task_group() as tasks:
            async with app.running():
                here = Site(app, tasks)
                assert await here.session()
                # Without the header that its tool wants.
                assert await here.post(modern(call("t", r="x"))).status() == 400
            tasks.cancel_scope.cancel()
        assert not app.sessions
    with pytest.raises(ConfigError):
        app.declare_tools(
            [{"name": "t", "inputSchema": {"type": "object", "properties": {"r": {"x-mcp-header": " "}}}}]
        )


async def test_it_runs_once_at_a_time() -> None:
    app = App(WHO, answer)
    async with app.running():
        with pytest.raises(RuntimeError, match="runs already"):
            async with app.running():
                pass


async def test_without_a_lifespan_it_runs_from_the_first_request_on() -> None:
    app = App(WHO, answer)
    async with anyio.create_task_group() as tasks:
        here = Site(app, tasks)
        if "trio" in anyio.get_cancelled_exc_class().__module__:
            exchange = here.post(request("ping"))
            await exchange.over()
            assert "async with app.running()" in str(exchange.raised)
        else:
            first, second = here.modern(call("a")), here.modern(call("b"))
            assert "result" in await first.json()
            assert "result" in await second.json()
        tasks.cancel_scope.cancel()


def test_each_event_loop_finds_a_server_that_runs() -> None:
    app = App(WHO, answer)

    async def use() -> None:
        async with anyio.create_task_group() as tasks:
            assert "result" in await Site(app, tasks).modern(call("a")).json()
            tasks.cancel_scope.cancel()

    for _ in range(3):
        asyncio.run(use())
        assert_empty(app)


async def nothing(*_: object) -> Any:
    raise AssertionError


async def test_two_event_loops_at_once_are_one_too_many() -> None:
    async with site(answer) as here:

        async def elsewhere() -> str:
            with pytest.raises(RuntimeError) as raised:
                await here.app({"type": "http"}, nothing, nothing)
            return str(raised.value)

        assert "another event loop" in await anyio.to_thread.run_sync(asyncio.run, elsewhere())


async def test_requests_in_flight_get_the_grace() -> None:
    go, ended = anyio.Event(), anyio.Event()

    async def handle(_: Request) -> object:
        await go.wait()
        return {"done": True}

    async with site(handle) as here, anyio.create_task_group() as tasks:

        async def end() -> None:
            await here.app.shut_down(600)
            ended.set()

        session = await here.session()
        legacy, since = here.post(call("any"), session), here.modern(call("any"))
        await until(lambda: len(here.app.inspect().obligations) == 2)
        tasks.start_soon(end)
        await anyio.wait_all_tasks_blocked()
        assert await here.post(call("late", 3), session).status() == 503
        assert not ended.is_set()
        go.set()
        for exchange in (legacy, since):
            assert (await _answer(exchange))["result"]["done"]
        with anyio.fail_after(PATIENCE):
            await ended.wait()


async def test_requests_that_need_more_than_the_grace_get_an_error() -> None:
    async def handle(_: Request) -> object:
        await anyio.sleep_forever()
        return None

    async with site(handle) as here, anyio.create_task_group() as tasks:
        exchange = here.modern(call("any"))
        await until(lambda: here.app.inspect().obligations)
        tasks.start_soon(here.app.shut_down, 0.05)
        assert (await _answer(exchange))["error"]["code"] == -32603


async def _answer(exchange: Exchange) -> dict[str, Any]:
    """The answer, in whatever way it comes."""
    if await exchange.header("content-type") == "application/json":
        return await exchange.json()
    message = await exchange.message()
    assert message is not None
    return message


async def test_a_handler_that_will_not_end_does_not_hold_up_the_end() -> None:
    cleaned = anyio.Event()

    async def handle(_: Request) -> object:
        try:
            await anyio.sleep_forever()
        finally:
            cleaned.set()

    app = App(WHO, handle, grace=0.05, cancel_withdrawn=False)
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            async with app.running():
                here = Site(app, tasks)
                here.modern(call("any"))
                await until(lambda: app.inspect().obligations)
                # Nor does a reader that does not read.
                here.send("GET", get(await here.session()))
            assert cleaned.is_set()
            tasks.cancel_scope.cancel()
    assert_empty(app)


async def test_other_threads_may_tell_clients() -> None:
    async with site(answer) as here:
        session = await here.session()
        standing = here.send("GET", get(session))
        assert await standing.status() == 200

        def tell() -> None:
            for number in range(50):
                here.app.notify_all("notifications/message", {"level": "info", "data": number})

        thread = threading.Thread(target=tell)
        thread.start()
        seen: list[Any] = []
        while len(seen) < 50:
            message = await standing.message()
            assert message is not None
            seen.append(message["params"]["data"])
        await anyio.to_thread.run_sync(thread.join)
        assert seen == list(range(50))


async def test_a_thousand_requests_leave_nothing_behind() -> None:
    async with site(answer) as here:
        session = await here.session()
        before = _tasks()
        for number in range(500):
            exchange = here.post(call("any", number + 1), session)
            assert "result" in await exchange.json()
            modern_exchange = here.modern(call("any"))
            assert "result" in await modern_exchange.json()
            await exchange.over()
            await modern_exchange.over()
        await until(lambda: _tasks() <= before)
        assert_empty(here.app)
        assert await here.delete(session) < 300
        assert not here.app.sessions


def _tasks() -> int:
    return len(anyio.get_running_tasks())


async def test_it_records_what_happened() -> None:
    record = io.StringIO()
    async with site(answer, record=record) as here:
        session = await here.session()
        await here.post(call("any"), session).json()
    lines = [json.loads(line) for line in record.getvalue().splitlines()]
    assert len(lines) > 5
    assert session not in record.getvalue()


async def test_a_record_that_breaks_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    record = io.StringIO()
    async with site(answer, record=record) as here:
        record.close()
        session = await here.session()
        assert "result" in await here.post(call("any"), session).json()
    assert caplog.text.count("cannot be written any more") == 1


async def test_the_signal_that_ends_the_process_ends_the_streams() -> None:
    seen: list[int] = []

    def serve_on(number: int, _: FrameType | None) -> None:
        seen.append(number)

    before = signal.signal(signal.SIGTERM, serve_on)
    try:
        async with site(answer) as here:
            session = await here.session()
            standing = here.send("GET", get(session))
            assert await standing.status() == 200
            signal.raise_signal(signal.SIGTERM)
            assert await standing.message() is None
            assert await here.send("POST", in_session(session)).status() == 503
        assert seen == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGTERM) is serve_on
    finally:
        signal.signal(signal.SIGTERM, before)
