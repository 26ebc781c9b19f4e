"""What is refused, and who is told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest
from asgi_bare import PATIENCE, WHO, site
from asgi_wire import call, in_session, initialize, post
from mcp_sansio.asgi import App

if TYPE_CHECKING:
    from mcp_sansio.asgi import Message, Request, Scope

pytestmark = pytest.mark.anyio


def user(scope: Scope) -> str | None:
    return scope.get("user")


async def answer(_: Request) -> object:
    return {}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"host": "evil.example"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://localhost:3000"}, 200),
        ({"content-type": "text/plain"}, 415),
        ({"accept": "text/html"}, 406),
        ({"content-length": "9999999999"}, 413),
        ({"mcp-session-id": "none"}, 200),
    ],
)
async def test_the_head_is_judged(changed: dict[str, str], status: int) -> None:
    async with site(answer) as here:
        headers, body = post(initialize())
        exchange = here.send("POST", headers | changed, body)
        assert await exchange.status() == status
        await exchange.chunk()
        await exchange.over()


async def test_methods_and_bodies_are_judged() -> None:
    async with site(answer, limits={"body": 1000}) as here:
        session = await here.session()
        assert await here.send("PUT", in_session(session)).status() == 405
        assert await here.post(call("any", text="x" * 1000), session).status() == 413
        headers, _ = post(call("any"), session)
        assert await here.send("POST", headers, b"{").status() == 400
        assert await here.post(call("any"), "unknown").status() == 404


async def test_hosts_may_be_named() -> None:
    async with site(answer, hosts=["tools.example"]) as here:
        headers, body = post(initialize())
        assert await here.send("POST", headers | {"host": "tools.example"}, body).status() == 200
        assert await here.send("POST", headers, body).status() == 403


async def test_a_session_belongs_to_its_principal() -> None:
    async with site(answer, principal=user) as here:
        exchange = here.post(initialize(), user="ada")
        session = await exchange.header("mcp-session-id")
        assert session is not None
        await exchange.json()
        assert await here.post(call("any"), session, user="ada").status() == 200
        assert await here.post(call("any"), session, user="bob").status() == 404
        assert await here.post(call("any"), session).status() == 404


async def test_a_client_that_leaves_in_the_midst_of_its_body_leaves_nothing() -> None:
    async with site(answer) as here:
        headers, body = post(initialize())
        messages: list[Message] = [
            {"type": "http.request", "body": body[:10], "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive() -> Message:
            return messages.pop(0)

        async def send(message: Message) -> None:
            raise AssertionError(message)

        scope = here.send("PUT", headers).scope | {"method": "POST"}
        with anyio.fail_after(PATIENCE):
            await here.app(scope, receive, send)
        assert len(here.app.inspect().exchanges) <= 1


async def test_a_body_that_never_ends_is_refused() -> None:
    async with site(answer, timing={"body": 0.05}) as here:
        headers, body = post(initialize())
        sent: list[Message] = []
        first = [{"type": "http.request", "body": body[:10], "more_body": True}]

        async def receive() -> Message:
            if first:
                return first.pop()
            await anyio.sleep_forever()
            raise AssertionError

        async def send(message: Message) -> None:
            sent.append(message)

        scope = here.send("PUT", headers).scope | {"method": "POST"}
        with anyio.fail_after(PATIENCE):
            await here.app(scope, receive, send)
        assert [message.get("status") for message in sent] == [408, None]


async def test_a_send_that_fails_means_that_the_client_has_gone() -> None:
    async with site(answer) as here:
        headers, body = post(initialize())

        async def receive() -> Message:
            if headers:
                headers.clear()
                return {"type": "http.request", "body": body}
            await anyio.sleep_forever()
            raise AssertionError

        async def send(_: Message) -> None:
            raise OSError("broken pipe")

        scope = here.send("POST", dict(headers), body).scope
        with anyio.fail_after(PATIENCE):
            await here.app(scope, receive, send)


async def test_websockets_are_refused() -> None:
    app, sent = App(WHO, answer), list["Message"]()

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app({"type": "websocket"}, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]
    with pytest.raises(NotImplementedError, match="'telnet'"):
        await app({"type": "telnet"}, receive, send)


async def test_a_reader_that_does_not_read_is_cut_off() -> None:
    go = anyio.Event()

    async def stream(request: Request) -> object:
        request.progress(1)
        await go.wait()
        return {}

    async with site(stream, timing={"stall": 0.1}) as here:
        slow = here.post(call("any", token="t"), await here.session())
        assert await slow.status() == 200  # and nothing more is read
        await slow.over()
        assert type(slow.raised).__name__ == "CutOff"
        # Nobody else notices.
        go.set()
        assert await here.session()
