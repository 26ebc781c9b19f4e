"""Requests and their handlers, on asyncio and trio, without an HTTP server."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest
from asgi_bare import site, until
from asgi_wire import call, get, notification, post, request
from mcp_sansio import CallFailed, PeerError

if TYPE_CHECKING:
    from mcp_sansio.asgi import Request

pytestmark = pytest.mark.anyio


def text(result: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": result}]}


async def test_an_answer_that_comes_at_once_is_json() -> None:
    async def handle(request: Request) -> object:
        return text(request.params["arguments"]["text"])

    async with site(handle) as here:
        session = await here.session()
        answer = here.post(call("echo", 7, text="grüße"), session)
        assert await answer.json() == {"jsonrpc": "2.0", "id": 7, "result": text("grüße")}
        answer = here.modern(call("echo", 8, text="hi"))
        assert (await answer.json())["result"]["content"][0]["text"] == "hi"


async def test_progress_and_notifications_make_it_a_stream() -> None:
    go = anyio.Event()

    async def handle(request: Request) -> object:
        request.progress(1, 2, "half")
        request.notify("notifications/message", {"level": "info", "data": "so far"})
        await go.wait()
        return text("done")

    async with site(handle) as here:
        answer = here.post(call("work", token="t"), await here.session())
        first = await answer.message()
        assert first is not None
        assert first["params"] == {"progressToken": "t", "progress": 1, "total": 2, "message": "half"}
        second = await answer.message()
        assert second is not None
        assert second["params"]["data"] == "so far"
        go.set()
        third = await answer.message()
        assert third is not None
        assert third["result"] == text("done")
        assert await answer.message() is None
        await answer.over()


async def test_progress_is_told_only_where_it_was_asked_for() -> None:
    async def handle(request: Request) -> object:
        request.progress(1)
        return {}

    async with site(handle) as here:
        assert "result" in await here.post(call("work"), await here.session()).json()


async def test_a_slow_answer_is_a_stream_that_is_silent_first() -> None:
    go = anyio.Event()

    async def handle(_: Request) -> object:
        await go.wait()
        return None

    async with site(handle, timing={"head": 0.02}) as here:
        answer = here.post(call("slow"), await here.session())
        assert await answer.header("content-type") == "text/event-stream"
        go.set()
        message = await answer.message()
        assert message is not None
        assert message["result"] == {}


@pytest.mark.parametrize(
    "result", [{1, 2}, math.nan, {"text": "\ud800"}, object()], ids=["set", "nan", "surrogate", "object"]
)
async def test_a_result_that_json_cannot_say_is_an_error(result: object, caplog: pytest.LogCaptureFixture) -> None:
    async def handle(_: Request) -> object:
        return result

    async with site(handle) as here:
        answer = await here.post(call("any"), await here.session()).json()
        assert answer["error"]["code"] == -32603
    assert "cannot be written as JSON" in caplog.text


async def test_a_handler_that_raises_answers_and_keeps_its_secrets(caplog: pytest.LogCaptureFixture) -> None:
    async def handle(_: Request) -> object:
        raise ValueError("hunter2")

    async with site(handle) as here:
        answer = await here.post(call("any"), await here.session()).json()
        assert answer["error"] == {"code": -32603, "message": "the server's handler of this request failed"}
        assert (await here.modern(call("any")).json())["error"]["code"] == -32603
    assert "hunter2" in caplog.text


async def test_a_handler_that_is_none_answers_too(caplog: pytest.LogCaptureFixture) -> None:
    def handle(_: Request) -> Any:
        return {}

    async with site(handle) as here:
        answer = await here.post(call("any"), await here.session()).json()
        assert answer["error"]["code"] == -32603
    assert "await" in caplog.text


async def test_a_peer_error_answers_with_its_code(caplog: pytest.LogCaptureFixture) -> None:
    async def handle(request: Request) -> object:
        raise PeerError(-32601, f"{request.method} is not there", {"try": "tools/list"})

    async with site(handle) as here:
        answer = await here.post(request("tools/none"), await here.session()).json()
        expected = {"code": -32601, "message": "tools/none is not there", "data": {"try": "tools/list"}}
        assert answer["error"] == expected
        exchange = here.modern(request("tools/none"))
        assert await exchange.status() == 404
        assert (await exchange.json())["error"]["code"] == -32601
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_params_that_python_cannot_hold_are_the_clients_mistake() -> None:
    async def handle(request: Request) -> object:
        return request.params

    async with site(handle) as here:
        session = await here.session()
        for params in ("[1]", '{"n": %s}' % ("9" * 5000)):
            headers, body = post(request("any", {"is": "replaced"}), session)
            exchange = here.send("POST", headers, body.replace(b'{"is": "replaced"}', params.encode()))
            answer = await exchange.json()
            assert answer["error"]["code"] == -32602


async def test_a_handler_finds_what_belongs_to_its_request() -> None:
    async def handle(request: Request) -> object:
        return {
            "user": request.scope["user"],
            "version": request.version,
            "info": request.client_info,
            "can": request.client_capabilities,
            "text": request.params_json,
            "session": request.session is not None and request.session.params["clientInfo"]["name"],
        }

    async with site(handle) as here:
        session = await here.session()
        result = (await here.post(request("any"), session, user="ada").json())["result"]
        info = {"name": "raw", "version": "1"}
        can: dict[str, Any] = {"sampling": {}, "elicitation": {}}
        expected = {"user": "ada", "version": "2025-11-25", "info": info, "can": can, "text": None, "session": "raw"}
        assert result == expected
        exchange = here.modern(request("any"))
        exchange.scope["user"] = "bob"
        result = (await exchange.json())["result"]
        assert (result["user"], result["info"], result["can"], result["session"]) == ("bob", info, can, False)


async def test_a_client_that_cancels_cancels_the_handler() -> None:
    began, cancelled = anyio.Event(), anyio.Event()

    async def handle(_: Request) -> object:
        began.set()
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.set()

    async with site(handle) as here:
        session = await here.session()
        answer = here.post(call("long", 5), session)
        await began.wait()
        notice = here.post(notification("notifications/cancelled", {"requestId": 5}), session)
        assert await notice.status() == 202
        with anyio.fail_after(20):
            await cancelled.wait()
        assert await answer.status() == 200


async def test_since_2026_07_28_a_client_that_leaves_cancels_the_handler() -> None:
    began, cancelled = anyio.Event(), anyio.Event()

    async def handle(_: Request) -> object:
        began.set()
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.set()

    async with site(handle) as here:
        answer = here.modern(call("long", 5))
        await began.wait()
        answer.leave()
        with anyio.fail_after(20):
            await cancelled.wait()
        await answer.over()
        assert answer.raised is None


async def test_a_handler_may_choose_to_go_on() -> None:
    why = anyio.Event()

    async def handle(request: Request) -> object:
        assert request.withdrawn is None
        assert await request.cancelled() == "gone"
        assert request.withdrawn == "gone"
        why.set()
        return "too late"

    async with site(handle, cancel_withdrawn=False) as here:
        answer = here.modern(call("long", 5))
        await until(lambda: here.app.inspect().obligations)
        await anyio.sleep(0.02)
        answer.leave()
        with anyio.fail_after(20):
            await why.wait()


async def test_a_legacy_client_that_leaves_finds_its_answer_when_it_comes_back() -> None:
    go = anyio.Event()

    async def handle(request: Request) -> object:
        request.progress(1)
        await go.wait()
        return text("kept")

    async with site(handle) as here:
        session = await here.session()
        answer = here.post(call("long", 5, token="t"), session)
        assert await answer.message() is not None
        answer.leave()
        await answer.over()
        go.set()
        resumed = here.send("GET", get(session, answer.cursor))
        message = await resumed.message()
        assert message is not None
        assert message["id"] == 5
        assert message["result"] == text("kept")
        assert await resumed.message() is None


async def test_a_handler_releases_its_connection() -> None:
    go = anyio.Event()

    async def handle(request: Request) -> object:
        request.progress(1)
        request.release_connection(0.1)
        await go.wait()
        return text("polled")

    async with site(handle) as here:
        session = await here.session()
        answer = here.post(call("long", 5, token="t"), session)
        assert await answer.message() is not None
        assert await answer.message() is None
        go.set()
        message = await here.send("GET", get(session, answer.cursor)).message()
        assert message is not None
        assert message["result"] == text("polled")


@pytest.mark.parametrize("anyio_backend", ["asyncio"])  # trio's exception cannot be made by hand
async def test_a_handler_that_cancels_itself_is_answered_for(caplog: pytest.LogCaptureFixture) -> None:
    async def handle(_: Request) -> object:
        raise anyio.get_cancelled_exc_class()

    async with site(handle) as here:
        answer = await here.post(call("any"), await here.session()).json()
        assert answer["error"]["code"] == -32603
    assert "dropped without an answer" in caplog.text


async def test_a_thread_tells_progress_and_answers_wait_for_nobody() -> None:
    def work(request: Request) -> str:
        for step in range(100):
            request.progress(step)
        return "worked"

    async def handle(request: Request) -> object:
        return text(await anyio.to_thread.run_sync(work, request))

    async with site(handle) as here:
        answer = here.post(call("work", token="t"), await here.session())
        seen: list[int] = []
        while (message := await answer.message()) and "result" not in message:
            seen.append(message["params"]["progress"])
        assert message is not None
        assert message["result"] == text("worked")
        assert seen == list(range(100))


async def test_the_client_is_asked_and_answers() -> None:
    told: list[object] = []

    async def handle(request: Request) -> object:
        try:
            answer = await request.ask("sampling/createMessage", {"messages": []}, progress=told.append)
        except PeerError as error:
            return text(f"refused: {error.message}")
        return text(answer["content"]["text"])

    async with site(handle) as here:
        session = await here.session()
        for reply, expected in [
            ({"result": {"content": {"type": "text", "text": "sure"}}}, "sure"),
            ({"error": {"code": -1, "message": "no"}}, "refused: no"),
        ]:
            answer = here.post(call("ask"), session)
            question = await answer.message()
            assert question is not None
            assert question["method"] == "sampling/createMessage"
            token = question["params"]["_meta"]["progressToken"]
            progress = notification("notifications/progress", {"progressToken": token, "progress": 0.5})
            assert await here.post(progress, session).status() == 202
            assert await here.post({"jsonrpc": "2.0", "id": question["id"]} | reply, session).status() == 202
            message = await answer.message()
            assert message is not None
            assert message["result"] == text(expected)
    assert [step["progress"] for step in told] == [0.5, 0.5]  # type: ignore[index]


async def test_a_question_is_cancelled_with_its_task() -> None:
    async def handle(request: Request) -> object:
        with anyio.move_on_after(0.05):
            await request.ask("sampling/createMessage", {"messages": []})
        return text("without")

    async with site(handle) as here:
        answer = here.post(call("ask"), await here.session())
        question = await answer.message()
        assert question is not None
        withdrawn = await answer.message()
        assert withdrawn is not None
        assert withdrawn["params"]["requestId"] == question["id"]
        message = await answer.message()
        assert message is not None
        assert message["result"] == text("without")
        assert not here.app.inspect().calls


async def test_nobody_can_be_asked_so_since_2026_07_28() -> None:
    async def handle(request: Request) -> object:
        with pytest.raises(CallFailed):
            await request.ask("sampling/createMessage", {"messages": []})
        await request.ask("sampling/createMessage", {"messages": []})
        return {}

    async with site(handle) as here:
        answer = await here.modern(call("ask")).json()
        # The failure's own sentence.
        assert "error" in answer
        assert answer["error"]["message"] != "the server's handler of this request failed"


async def test_input_is_one_handler_for_both_eras() -> None:
    async def handle(request: Request) -> object:
        form: dict[str, Any] = {"message": "How many?", "requestedSchema": {"type": "object", "properties": {}}}
        answer = await request.input("seats", "elicitation/create", form)
        return text(f"{answer['content']['seats']} seats")

    accepted = {"action": "accept", "content": {"seats": 2}}
    async with site(handle) as here:
        session = await here.session()
        answer = here.post(call("book"), session)
        question = await answer.message()
        assert question is not None
        assert question["method"] == "elicitation/create"
        reply = here.post({"jsonrpc": "2.0", "id": question["id"], "result": accepted}, session)
        assert await reply.status() == 202
        message = await answer.message()
        assert message is not None
        assert message["result"] == text("2 seats")

        result = (await here.modern(call("book")).json())["result"]
        assert result["resultType"] == "input_required"
        assert result["inputRequests"]["seats"]["method"] == "elicitation/create"
        again = call("book", 2)
        again["params"]["inputResponses"] = {"seats": accepted}
        result = (await here.modern(again).json())["result"]
        assert result["content"][0]["text"] == "2 seats"


async def test_what_changes_is_told_to_sessions_and_subscriptions() -> None:
    async def handle(_: Request) -> object:
        return {}

    async with site(handle) as here:
        session = await here.session()
        standing = here.send("GET", get(session))
        assert await standing.status() == 200
        listening = here.modern(request("subscriptions/listen", {"notifications": {"toolsListChanged": True}}))
        acknowledged = await listening.message()
        assert acknowledged is not None
        here.app.notify_all("notifications/tools/list_changed")
        for stream in (standing, listening):
            message = await stream.message()
            assert message is not None
            assert message["method"] == "notifications/tools/list_changed"
        [only] = here.app.sessions.values()
        only.notify("notifications/message", {"level": "info", "data": "you"})
        message = await standing.message()
        assert message is not None
        assert message["params"]["data"] == "you"
