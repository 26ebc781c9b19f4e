"""Session handlers: the default loop, one of the application's own, and those that do not do their work."""

from __future__ import annotations

import gc
import math
from typing import TYPE_CHECKING

import anyio
import pytest
from asgi_bare import PATIENCE, WHO, site, until
from asgi_wire import call, get, initialize, notification, post, request
from mcp_sansio import ConfigError
from mcp_sansio.asgi import App, Session
from mcp_sansio.server import Notification, SessionEnded

if TYPE_CHECKING:
    from mcp_sansio.asgi import Request

pytestmark = pytest.mark.anyio


async def ran(_: Request) -> object:
    return {"ran": True}


async def test_the_default_loop_runs_until_the_client_deletes_the_session() -> None:
    told: list[str] = []

    async def host(session: Session) -> None:
        told.append(session.params["clientInfo"]["name"])
        told.append(await session.run(ran))

    async with site(session=host) as here:
        events = here.app.events()
        session = await here.session()
        assert (await here.post(call("any"), session).json())["result"] == {"ran": True}
        assert await here.delete(session) < 300
        await until(lambda: len(told) == 2)
        assert told == ["raw", "deleted"]
        assert await here.post(call("any"), session).status() == 404

        began = await anext(events)
        assert isinstance(began, Session)
        assert not began.is_alive
        initialized = await anext(events)
        assert isinstance(initialized, Notification)
        assert initialized.method == "notifications/initialized"
        ended = await anext(events)
        assert isinstance(ended, SessionEnded)
        assert (ended.session, ended.reason) == (began.id, "deleted")


async def test_a_loop_of_its_own_answers_in_its_own_order(caplog: pytest.LogCaptureFixture) -> None:
    async def host(session: Session) -> None:
        first = await anext(session)
        second = await anext(session)
        second.respond("second")
        first.fail(-32000, "first", {"more": 1})
        async for each in session:
            del each  # without an answer

    async with site(session=host) as here:
        session = await here.session()
        first = here.post(call("a", 1), session)
        await until(lambda: here.app.inspect().obligations)
        second = here.post(call("b", 2), session)
        assert (await second.json())["result"] == "second"
        assert (await first.json())["error"] == {"code": -32000, "message": "first", "data": {"more": 1}}
        third = here.post(call("c", 3), session)
        with anyio.fail_after(PATIENCE):
            while not third.is_over.is_set() and "dropped without an answer" not in caplog.text:
                gc.collect()
                await anyio.sleep(0.005)
        assert (await third.json())["error"]["code"] == -32603
    assert "dropped without an answer" in caplog.text


async def test_a_handler_that_never_reads_gives_an_honest_error(caplog: pytest.LogCaptureFixture) -> None:
    async def host(session: Session) -> None:
        await session.ended()  # and no loop

    async with site(session=host, timing={"take": 0.05}) as here:
        session = await here.session()
        exchange = here.post(call("any"), session)
        assert await exchange.status() == 500
        error = (await exchange.json())["error"]
        assert error["code"] == -32603
        assert "no session loop is reading" in error["message"]
    assert "session.run(handler)" in caplog.text


async def test_a_handler_that_returns_early_ends_its_session(caplog: pytest.LogCaptureFixture) -> None:
    go = anyio.Event()

    async def host(_: Session) -> None:
        await go.wait()

    async with site(session=host) as here:
        session = await here.session()
        exchange = here.post(call("any"), session)
        await until(lambda: here.app.inspect().obligations)
        go.set()
        assert "session handler returned" in (await exchange.json())["error"]["message"]
        assert await here.post(call("any"), session).status() == 404
        assert not here.app.sessions
    assert "returned while its client was still there" in caplog.text


async def test_a_handler_that_raises_ends_its_session(caplog: pytest.LogCaptureFixture) -> None:
    async def host(session: Session) -> None:
        await anext(session)
        raise ValueError("hunter2")

    async with site(session=host) as here:
        events = here.app.events()
        session = await here.session()
        answer = await here.post(call("any"), session).json()
        assert "error" in answer
        assert "hunter2" not in str(answer)
        assert await here.post(call("any"), session).status() == 404
        async for event in events:
            if isinstance(event, SessionEnded):
                assert event.reason == "handler_failed"
                break
    assert "hunter2" in caplog.text


async def test_a_session_asks_and_is_ended_by_its_host() -> None:
    async def host(session: Session) -> None:
        async for each in session:
            answer = await session.ask("sampling/createMessage", {"messages": []})
            each.respond(answer)

    async with site(session=host) as here:
        session = await here.session()
        standing = here.send("GET", get(session))
        assert await standing.status() == 200
        answer = here.post(call("any"), session)
        question = await standing.message()
        assert question is not None
        reply = here.post({"jsonrpc": "2.0", "id": question["id"], "result": {"model": "m"}}, session)
        assert await reply.status() == 202
        assert (await answer.json())["result"] == {"model": "m"}
        [alive] = here.app.sessions.values()
        alive.end("evicted")
        assert await alive.ended() == "evicted"
        assert await standing.message() is None
        assert await here.post(call("any"), session).status() == 404


async def test_a_cancelled_request_is_not_handed_out() -> None:
    read = anyio.Event()
    seen: list[str] = []

    async def host(session: Session) -> None:
        await read.wait()
        async for each in session:
            seen.append(each.method)
            each.respond()

    async with site(session=host) as here:
        session = await here.session()
        first = here.post(request("first", this=1), session)
        await until(lambda: here.app.inspect().obligations)
        cancel = here.post(notification("notifications/cancelled", {"requestId": 1}), session)
        assert await cancel.status() == 202
        assert "error" in await first.json()
        read.set()
        assert "result" in await here.post(request("second", this=2), session).json()
        assert seen == ["second"]


async def test_sessions_alone_are_of_the_first_era() -> None:
    async with site(session=lambda session: session.run(ran)) as here:
        answer = here.modern(call("any"))
        assert await answer.status() == 400
        assert "error" in await answer.json()
    async with site(ran, lambda session: session.run(ran)) as here:
        assert (await here.modern(call("any")).json())["result"]["ran"]
        assert (await here.post(call("any"), await here.session()).json())["result"]["ran"]


async def test_a_session_handler_tears_down_when_the_server_ends() -> None:
    torn: list[str] = []

    async def host(session: Session) -> None:
        reason = await session.run(ran)
        await anyio.sleep(0.02)
        torn.append(reason)

    async with site(session=host) as here:
        await here.session()
        await here.app.shut_down(0)
        await until(lambda: torn)
    assert torn == ["shutdown"]


async def test_a_reader_of_events_that_is_slow_finds_the_newest() -> None:
    async with site(ran) as here:
        older = here.app.events()
        events = here.app.events()
        with pytest.raises(StopAsyncIteration):
            await anext(older)
        for _ in range(150):
            await here.session()
        first = await anext(events)
        # 300 events came, a session and a notification each time, and 256 were kept.
        assert isinstance(first, Session)
        assert first.id > min(here.app.sessions)


def test_a_loop_needs_sessions() -> None:
    with pytest.raises(ConfigError, match="give a `handler`"):
        App(WHO, session=lambda session: session.run(ran), sessions=False)
    with pytest.raises(ConfigError, match="without them"):
        App(WHO, session=lambda session: session.run(ran), versions=("2026-07-28", "2026-07-28"))
    with pytest.raises(ConfigError, match="nothing answers"):
        App(WHO)
    with pytest.raises(ConfigError, match="grace"):
        App(WHO, ran, grace=math.nan)
    with pytest.raises(ConfigError, match="nowhere to write"):
        App(WHO, ran, recording="whole")


async def test_what_initialize_says_need_not_be_something_that_python_can_hold() -> None:
    async def host(session: Session) -> None:
        async for each in session:
            each.respond({"info": each.client_info is None})

    async with site(session=host) as here:
        headers, body = post(initialize())
        exchange = here.send("POST", headers, body.replace(b'"name": "raw"', b'"name": ' + b"9" * 5000))
        session = await exchange.header("mcp-session-id")
        assert session is not None
        assert (await here.post(call("any"), session).json())["result"] == {"info": True}
