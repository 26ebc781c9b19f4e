"""The managed clients, whatever carries them: asyncio, trio, threads."""

from __future__ import annotations

import gc
import io
import subprocess
import threading
import time
from typing import Any

import anyio
import mcp_sansio
import mcp_sansio.sync
import pytest
from client_program import Peer, program
from client_server import LEGACY, MODERN, Exchange, notification, polite, serve
from client_stage import DRIVERS, PATIENCE, Driver, stage
from mcp_sansio import (
    BadResult,
    CallFailed,
    ConfigError,
    Ended,
    Failure,
    Identity,
    Opened,
    PeerError,
    Result,
    RpcError,
    ServerRequest,
)

pytestmark = pytest.mark.parametrize("driver", DRIVERS)

ERAS = pytest.mark.parametrize("version", [LEGACY, MODERN])


@ERAS
def test_calls(driver: Driver, version: str) -> None:
    with serve(version=version) as server, stage(driver, server.url) as played:
        client = played.client
        assert client.version == version
        played.call("echo").came_to_result()
        assert [tool["name"] for tool in played.do(client.list_tools)] == ["echo"]
        assert played.do(client.call_tool, "echo", {"text": "hi"})["content"][0]["text"] == "hi"
        played.do(client.ping)
        assert server.count("ping" if version == LEGACY else "server/discover") > 0
        played.do(client.notify, "notifications/roots/list_changed")
        assert client.inspect().calls == []
        # A body that is read to its end leaves its connection to the next request.
        assert server.connections <= 3


def test_errors_are_raised(driver: Driver) -> None:
    def script(x: Exchange) -> None:
        if x.tool == "refused":
            error = x.error(-32001, "not for you")
            error["error"]["data"] = {"why": ["because"]}
            x.json(error)
        elif x.tool == "lost":
            x.stream()
        elif x.tool == "list":
            x.json({"jsonrpc": "2.0", "id": x.body["id"], "result": []})
        elif x.tool == "deep":
            text = x.says("here")
            deep = "[" * 2_000 + "]" * 2_000
            x.respond("200 OK", f'{{"jsonrpc": "2.0", "id": {text["id"]}, "result": {deep}}}')
        else:
            polite(x)

    with serve(script) as server, stage(driver, server.url) as played:
        call_tool = played.client.call_tool
        with pytest.raises(PeerError) as refused:
            played.do(call_tool, "refused")
        assert (refused.value.code, refused.value.message) == (-32001, "not for you")
        assert refused.value.data == {"why": ["because"]}
        assert refused.value.error == RpcError(-32001, "not for you", '{"why": ["because"]}')
        with pytest.raises(CallFailed) as lost:
            played.do(call_tool, "lost")
        assert (lost.value.kind, lost.value.execution) == ("connection_lost", "unknown")
        assert str(lost.value) == str(lost.value.failure)
        assert lost.value.story.lines
        with pytest.raises((BadResult, CallFailed)):
            played.do(call_tool, "list")
        with pytest.raises((BadResult, CallFailed)):
            played.do(call_tool, "deep")
        played.call("echo").came_to_result()


def test_lists_end(driver: Driver) -> None:
    def script(x: Exchange) -> None:
        if x.method != "tools/list":
            return polite(x)
        page = int(x.params.get("cursor", "0"))
        more = {"nextCursor": str(page + 1)} if page < 2 else {}
        return x.json(x.result({"tools": [{"name": f"tool-{page}"}], **more}))

    with serve(script) as server, stage(driver, server.url) as played:
        tools = played.do(played.client.list_tools)
        assert [tool["name"] for tool in tools] == ["tool-0", "tool-1", "tool-2"]


def test_endless_list(driver: Driver) -> None:
    def script(x: Exchange) -> None:
        if x.method != "tools/list":
            return polite(x)
        return x.json(x.result({"tools": [], "nextCursor": "again"}))

    with (
        serve(script) as server,
        stage(driver, server.url) as played,
        pytest.raises(BadResult, match="more than 1000 pages"),
    ):
        played.do(played.client.list_tools)


def test_not_reachable(driver: Driver) -> None:
    with serve() as server:
        url = server.url
    with pytest.raises(CallFailed) as raised, stage(driver, url):
        pass
    assert (raised.value.kind, raised.value.execution) == ("unreachable", "not_sent")
    assert "onnect" in str(raised.value)
    assert "http://" not in str(raised.value)


@pytest.mark.parametrize("url", ["ftp://example.com", "no url"])
def test_settings_that_cannot_work(driver: Driver, url: str) -> None:
    with pytest.raises(ConfigError), stage(driver, url):
        pass
    with pytest.raises(ConfigError, match="record"), stage(driver, "http://localhost", recording="whole"):
        pass
    with pytest.raises(TypeError, match="no_such_setting"), stage(driver, "http://localhost", no_such_setting=1):
        pass


def test_headers_that_cannot_work(driver: Driver) -> None:
    for headers in ({"a b": "c"}, {"authorization": "Bearer secret\r\nx: y"}):
        with pytest.raises(ValueError, match="header") as raised, stage(driver, "http://localhost", headers=headers):
            pass
        assert "secret" not in str(raised.value)


@ERAS
def test_headers(driver: Driver, version: str) -> None:
    own = {"X-Team": "blue", "Content-Type": "text/plain", "Accept-Encoding": "gzip"}
    record = io.StringIO()
    with serve(version=version) as server:
        with stage(driver, server.url, headers=own, record=record, recording="whole") as played:
            played.call("echo", headers={"X-Once": "1"}).came_to_result()
        once = [x.headers.get("x-once") for x in server.requests if x.tool]
        assert once == ["1"]
        for x in server.requests:
            assert x.headers["x-team"] == "blue"
            assert x.headers["accept-encoding"] == "identity"
            assert x.http != "POST" or x.headers["content-type"] == "application/json"
    assert "blue" not in record.getvalue()


@ERAS
def test_progress(driver: Driver, version: str) -> None:
    def script(x: Exchange) -> None:
        if not x.tool:
            return polite(x)
        x.stream()
        for step in range(200):
            x.progress(step)
        return x.event(x.says("done"))

    with serve(script, version) as server, stage(driver, server.url) as played:
        heard: list[float] = []

        def hear(params: dict[str, Any]) -> None:
            heard.append(params["progress"])

        def fail(_: dict[str, Any]) -> None:
            raise ZeroDivisionError

        played.call("echo", progress=hear).outcome()
        # Progress that finds no room is merged, in its order.
        assert heard == sorted(set(heard))
        assert heard[:64] == list(range(64))
        with pytest.raises(ZeroDivisionError):
            played.start("echo", progress=fail).outcome()
        played.call("echo").outcome()
        played.settled()


def test_slow_reader_holds_up_no_outcome(driver: Driver) -> None:
    def script(x: Exchange) -> None:
        if not x.tool:
            return polite(x)
        x.stream()
        for number in range(1_000):
            x.event(notification("notifications/message", level="info", data=number))
        return x.event(x.says(x.params["arguments"]["text"]))

    with serve(script) as server, stage(driver, server.url) as played:
        messages = played.do(played.client.notifications)
        for _ in range(3):
            played.call("echo").came_to_result()
        numbers = [played.next(messages).params["data"] for _ in range(64)]
        assert numbers == list(range(64))
        older = messages
        messages = played.do(played.client.notifications)
        played.call("echo").came_to_result()
        assert played.next(messages).method == "notifications/message"
        played.do(getattr(messages, "aclose", None) or messages.close)
        played.call("echo").came_to_result()
        # The older reader finds what was there, and its end.
        while (message := played.next(older)) is not None:
            assert message.method == "notifications/message"


def test_notifications_end_with_the_client(driver: Driver) -> None:
    with serve() as server, stage(driver, server.url) as played:
        messages, events = played.do(played.client.notifications), played.do(played.client.events)
        played.close()
        assert played.next(messages) is None
        while played.next(events) is not None:
            pass
        assert played.next(played.do(played.client.notifications)) is None
        with pytest.raises(CallFailed) as raised:
            played.do(played.client.call_tool, "echo")
        assert (raised.value.kind, raised.value.execution) == ("closed", "not_sent")
        played.do(played.client.notify, "notifications/roots/list_changed")
        listening = played.listen()
        outcome = played.next(listening).outcome
        assert isinstance(outcome, Failure)
        assert outcome.kind == "closed"
        played.close()


def test_calls_after_the_context(driver: Driver) -> None:
    with serve() as server:
        if driver == "threads":
            with mcp_sansio.sync.connect(server.url) as client:
                pass
            outcome = client.outcome("tools/list")
        else:

            async def after() -> Any:
                async with mcp_sansio.connect(server.url) as client:
                    pass
                return await client.outcome("tools/list")

            outcome = anyio.run(after, backend=driver)
        assert isinstance(outcome, Failure)
        assert outcome.kind == "closed"


@pytest.mark.parametrize("leaves", [False, True])
def test_subscriptions(driver: Driver, leaves: bool) -> None:
    with Peer("serve") as peer, stage(driver, peer.url) as played:
        listening = played.listen()
        opened = played.next(listening)
        assert isinstance(opened, Opened)
        assert opened.filter == {"toolsListChanged": True}
        played.do(played.client.call_tool, "switch")
        assert played.next(listening).method == "notifications/tools/list_changed"
        if leaves:
            played.do(getattr(listening, "aclose", None) or listening.close)
            peer.until("client left")
        else:
            played.close()
            assert isinstance(played.next(listening), Ended)
            assert played.next(listening) is None


def test_subscription_in_a_session_is_a_failure(driver: Driver) -> None:
    with serve() as server, stage(driver, server.url) as played:
        ended = played.next(played.listen())
        assert isinstance(ended.outcome, Failure)


@pytest.mark.parametrize("version", [LEGACY, MODERN])
def test_questions(driver: Driver, version: str) -> None:
    """In a session as requests, since then as rounds of the call."""
    asked: list[ServerRequest] = []

    def answer(request: ServerRequest) -> object:
        asked.append(request)
        return {"action": "accept", "content": {"answer": "forty-two"}}

    settings: dict[str, Any] = {"versions": (version, version), "on_request": answer}
    with Peer("serve") as peer, stage(driver, peer.url, **settings) as played:
        result = played.do(played.client.call_tool, "ask", {"question": "what?"})
        assert "forty-two" in str(result)
        assert [request.method for request in asked] == ["elicitation/create"]
        assert asked[0].params is not None
        assert asked[0].params["message"] == "what?"


def questioner(x: Exchange) -> None:
    """Asks on the stream of a call, and waits for the answer."""
    if x.tool:
        x.stream()
        x.event({"jsonrpc": "2.0", "id": "q", "method": "elicitation/create", "params": {"message": "sure?"}})
        answers: list[dict[str, Any]] = []
        while not answers and not x.server.is_closing.wait(0.005):
            answers = [y.body for y in x.server.requests if y.body.get("id") == "q"]
        x.event(x.says("".join(str(answer.get("error") or answer.get("result")) for answer in answers)))
    else:
        polite(x)


def gives(answer: object) -> Any:
    def handler(_: ServerRequest) -> object:
        return answer

    return handler


def raises(error: BaseException) -> Any:
    def handler(_: ServerRequest) -> object:
        raise error

    return handler


@pytest.mark.parametrize(
    ("handler", "answer"),
    [
        (raises(PeerError(-32042, "ask later")), "{'code': -32042, 'message': 'ask later'}"),
        (raises(ZeroDivisionError("secret")), "{'code': -32603, 'message': 'the handler of this request failed'}"),
        (gives(object()), "{'code': -32603, 'message': 'the handler of this request failed'}"),
        (gives(None), "None"),
        (gives({"action": "decline"}), "{'action': 'decline'}"),
    ],
)
def test_whatever_the_handler_does_the_request_is_answered(driver: Driver, handler: Any, answer: str) -> None:
    with serve(questioner) as server, stage(driver, server.url, on_request=handler) as played:
        result = played.do(played.client.call_tool, "ask")
        assert result["content"][0]["text"] == answer


def test_what_nobody_handles(driver: Driver) -> None:
    """Without a handler every request gets an answer that says so."""
    with serve(questioner) as server:
        if driver == "threads":
            with mcp_sansio.sync.connect(server.url, identity=ELICITS) as client:
                result = client.call_tool("ask")
        else:
            result = anyio_call(driver, server.url)
        assert "-32601" in result["content"][0]["text"]


ELICITS = Identity("tests", "1.0", capabilities={"elicitation": {}})


def anyio_call(driver: Driver, url: str) -> Any:
    async def call() -> Any:
        async with mcp_sansio.connect(url, identity=ELICITS) as client:
            return await client.call_tool("ask")

    return anyio.run(call, backend=driver)


@pytest.mark.parametrize("recording", ["redacted", "whole"])
def test_record(driver: Driver, recording: str, tmp_path: Any) -> None:
    path = tmp_path / "record.jsonl"
    with (
        serve(version=MODERN) as server,
        path.open("w") as record,
        stage(driver, server.url, record=record, recording=recording) as played,
    ):
        played.call("echo").came_to_result()
        played.start("nothing").outcome()
    replayed = subprocess.run([program(), "replay", str(path)], capture_output=True, text=True, check=False)
    assert replayed.returncode == 0, replayed.stderr
    assert "3 calls" in replayed.stdout


class Disk(io.StringIO):
    """A file on a disk that fills up."""

    is_full = False

    def write(self, s: str, /) -> int:
        if self.is_full:
            raise OSError(28, "No space left on device")
        return super().write(s)


def test_record_that_cannot_be_written_any_more(driver: Driver) -> None:
    disk = Disk()
    with serve(version=MODERN) as server, stage(driver, server.url, record=disk) as played:
        events = played.do(played.client.events)
        disk.is_full = True
        played.call("echo").came_to_result()
        assert "No space" in played.next(events).reason
        length = disk.tell()
        played.call("echo").came_to_result()
        assert disk.tell() == length


class Tokens:
    """An authorizer whose first token is stale."""

    def __init__(self, fresh: object = "Bearer fresh") -> None:
        self.token: Any = "Bearer stale"
        self.asked: list[Any] = []
        self._fresh = fresh

    def credentials(self) -> str | None:
        if isinstance(self.token, Exception):
            raise self.token
        return self.token

    def get(self, refused: Any) -> bool:
        self.asked.append(refused)
        if isinstance(self._fresh, Exception):
            raise self._fresh
        self.token = self._fresh
        return self._fresh is not None


class AsyncTokens(Tokens):
    async def authorize(self, refused: Any) -> bool:
        return self.get(refused)


class SyncTokens(Tokens):
    def authorize(self, refused: Any) -> bool:
        return self.get(refused)


def tokens(driver: Driver, fresh: object = "Bearer fresh") -> Tokens:
    return SyncTokens(fresh) if driver == "threads" else AsyncTokens(fresh)


def guarded(x: Exchange) -> None:
    if x.headers.get("authorization") == "Bearer fresh":
        polite(x)
    else:
        x.respond("401 Unauthorized", www_authenticate='Bearer scope="mcp"')


def test_authorizer(driver: Driver) -> None:
    authorizer = tokens(driver)
    record = io.StringIO()
    with serve(guarded) as server:
        settings: dict[str, Any] = {"authorizer": authorizer, "headers": {"Authorization": "Bearer other"}}
        with stage(driver, server.url, record=record, recording="whole", **settings) as played:
            played.call("echo").came_to_result()
        assert len(authorizer.asked) == 1
        assert list(authorizer.asked[0].challenges) == ['Bearer scope="mcp"']
        assert {x.headers["authorization"] for x in server.requests} == {"Bearer stale", "Bearer fresh"}
    assert "Bearer stale" not in record.getvalue()
    assert "fresh" not in record.getvalue()


@pytest.mark.parametrize("fresh", [None, ValueError("secret")])
def test_authorizer_that_has_nothing(driver: Driver, fresh: object) -> None:
    authorizer = tokens(driver, fresh)
    with (
        serve(guarded) as server,
        pytest.raises(CallFailed) as raised,
        stage(driver, server.url, authorizer=authorizer),
    ):
        pass
    assert raised.value.kind == "unauthorized"
    assert raised.value.failure.refusal is not None
    assert (b"www-authenticate", b'Bearer scope="mcp"') in raised.value.failure.refusal.headers
    assert "secret" not in f"{raised.value} {raised.value.story}"


@pytest.mark.parametrize("token", [ValueError("secret"), "Bearer secret\n", "Bearer secret\ud800", 5])
def test_credentials_that_cannot_be_sent(driver: Driver, token: Any) -> None:
    authorizer = tokens(driver)
    authorizer.token = token
    with (
        serve(guarded) as server,
        pytest.raises(CallFailed) as raised,
        stage(driver, server.url, authorizer=authorizer),
    ):
        pass
    assert server.requests == []
    assert raised.value.execution == "not_sent"
    assert "authorizer" in str(raised.value)
    assert "secret" not in f"{raised.value} {raised.value.story}"


def test_redirects_are_the_machines(driver: Driver) -> None:
    def script(x: Exchange) -> None:
        if x.tool == "away":
            x.respond("307 Temporary Redirect", location="http://127.0.0.1:1/elsewhere")
        elif x.tool == "echo" and x.path == "/mcp":
            x.respond("307 Temporary Redirect", location="/moved")
        else:
            polite(x)

    with serve(script) as server, stage(driver, server.url) as played:
        played.call("away").failed("redirected", "refused")
        played.call("echo").came_to_result()
        assert server.requests[-1].path == "/moved"


def test_compressed_though_nobody_asked(driver: Driver) -> None:
    def script(x: Exchange) -> None:
        if x.tool:
            x.respond("200 OK", "no gzip", content_type="application/json", content_encoding="gzip")
        else:
            polite(x)

    with serve(script) as server, stage(driver, server.url) as played:
        played.call("echo").failed("bad_answer", "unknown")


@ERAS
def test_a_thousand_calls_at_once(driver: Driver, version: str) -> None:
    arrived = threading.Barrier(50, timeout=PATIENCE)

    def script(x: Exchange) -> None:
        if x.tool:
            arrived.wait()
        polite(x)

    with serve(script, version) as server, stage(driver, server.url, limits={"exchanges": 60}) as played:
        calls = [played.start("echo") for _ in range(1_000)]
        for call in calls:
            call.came_to_result()
        played.settled()


def test_wrong_use(driver: Driver) -> None:
    with serve() as server, stage(driver, server.url) as played:
        client = played.client
        for wrong in (
            lambda: client.call_tool("echo", {"text": object()}),
            lambda: client.call_tool("echo", idle="soon"),
            lambda: client.call_tool("echo", urgent=True),
            lambda: client.request(5),
            lambda: client.notify("a", {"b": object()}),
            lambda: client.notify(5),
            lambda: client.listen({"a": object()}),
        ):
            with pytest.raises(TypeError):
                played.do(wrong)
        nonsense: dict[str, Any]
        for nonsense in ({"idle": -1}, {"max": 0}, {"headers": {"a\n": "b"}}):
            outcome = played.do(client.outcome, "tools/call", {"name": "echo"}, **nonsense)
            assert isinstance(outcome, (Failure, Result))
        outcome = played.do(client.outcome, "tools/call", {"number": float("nan")})
        assert isinstance(outcome, Failure)
        assert outcome.kind == "misuse"
        played.call("echo").came_to_result()


def test_nothing_is_left(driver: Driver) -> None:
    """Sockets, threads and tasks: what is not closed warns when it is collected, and warnings are errors."""

    def script(x: Exchange) -> None:
        if x.tool == "silent":
            x.stream()
            x.hold()
        elif x.tool == "headless" or x.http == "GET":
            x.hold()
        else:
            polite(x)

    before = set(threading.enumerate())
    with serve(script) as server:
        with stage(driver, server.url) as played:
            silent = [played.start("silent") for _ in range(5)] + [played.start("headless") for _ in range(5)]
            played.call("echo").came_to_result()
            listening = played.listen()
            played.do(played.client.notifications)
            played.close()
            for call in silent:
                call.failed("closed", "unknown")
            inspection = played.client.inspect()
            assert (inspection.calls, inspection.exchanges) == ([], [])
        del listening
    gc.collect()
    left = set(threading.enumerate()) - before
    assert not left


def test_proxy_of_the_environment(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/mcp"))
        monkeypatch.setenv("no_proxy", "example.com")
        with stage(driver, "http://example.invalid/mcp") as played:
            played.call("echo").came_to_result()
        assert {x.path for x in proxy.requests} == {"http://example.invalid/mcp"}


def test_a_client_that_is_none(driver: Driver) -> None:
    with pytest.raises(TypeError, match="httpx2"), stage(driver, "http://localhost/mcp", http="curl"):
        pass


def test_silent_question_holds_up_nothing(driver: Driver) -> None:
    """A handler that thinks for ever is no call's business but its own."""
    never = threading.Event()

    def think(_: ServerRequest) -> Any:
        return never.wait() if driver == "threads" else anyio.sleep_forever()

    with serve(questioner) as server, stage(driver, server.url, on_request=think) as played:
        asking = played.start("ask")
        while not any(x.tool for x in server.requests):
            time.sleep(0.005)
        played.do(played.client.ping)
        played.close()
        asking.failed("closed", "unknown")
        never.set()


def test_request_that_is_withdrawn(driver: Driver) -> None:
    """The server does not wait for the answer any more, and gets none."""
    asked, over = threading.Event(), threading.Event()

    def script(x: Exchange) -> None:
        if not x.tool:
            return polite(x)
        x.stream()
        x.event({"jsonrpc": "2.0", "id": "q", "method": "elicitation/create", "params": {"message": "sure?"}})
        assert asked.wait(PATIENCE)
        x.event(notification("notifications/cancelled", requestId="q"))
        return x.event(x.says("never mind"))

    async def think_on() -> object:
        try:
            await anyio.sleep_forever()
        finally:
            over.set()

    def think(_: ServerRequest) -> Any:
        asked.set()
        return over.wait(0.1) if driver == "threads" else think_on()

    with serve(script) as server, stage(driver, server.url, on_request=think) as played:
        assert "never mind" in str(played.do(played.client.call_tool, "ask"))
        assert driver == "threads" or over.wait(PATIENCE)
        played.do(played.client.ping)
        assert not any(x.body.get("id") == "q" for x in server.requests)


def test_credentials_that_came_by_themselves(driver: Driver) -> None:
    """What waits for the authorizer goes on when the application says that it has credentials."""
    asked, late = threading.Event(), threading.Event()

    class Slow(Tokens):
        def get(self, refused: Any) -> Any:
            self.asked.append(refused)
            asked.set()
            return late.wait() if driver == "threads" else anyio.sleep_forever()

    class SlowSync(Slow):
        def authorize(self, refused: Any) -> bool:
            return self.get(refused)

    class SlowAsync(Slow):
        async def authorize(self, refused: Any) -> bool:
            return await self.get(refused)

    def script(x: Exchange) -> None:
        if x.tool and x.headers["authorization"] != "Bearer fresh":
            return x.respond("401 Unauthorized", www_authenticate="Bearer")
        return polite(x)

    authorizer = SlowSync() if driver == "threads" else SlowAsync()
    with serve(script) as server, stage(driver, server.url, authorizer=authorizer) as played:
        call = played.start("echo")
        assert asked.wait(PATIENCE)
        authorizer.token = "Bearer fresh"
        played.do(played.client.credentials_changed)
        call.came_to_result()
        late.set()
