"""Our client and our server, over sockets: what the one asks, the other answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest
from asgi_bare import until
from asgi_server import serving
from mcp_sansio import CallFailed, Identity, PeerError, connect

if TYPE_CHECKING:
    from collections.abc import Generator

    from asgi_server import Server
    from mcp_sansio import ServerRequest

pytestmark = pytest.mark.anyio

WHO = Identity("tests", "1.0", capabilities={"sampling": {}, "elicitation": {}})
ERAS: list[Any] = [("2025-11-25", "2025-11-25"), ("2026-07-28", "2026-07-28")]


@pytest.fixture(scope="module", params=["uvicorn", "granian"])
def server(request: pytest.FixtureRequest) -> Generator[Server]:
    with serving(request.param, "asgi_apps:app", expected=("Traceback",)) as server:
        yield server


@pytest.fixture(params=ERAS, ids=["legacy", "modern"])
def era(request: pytest.FixtureRequest) -> Any:
    return request.param


def text(result: dict[str, Any]) -> str:
    return result["content"][0]["text"]


async def test_calls_progress_and_errors(server: Server, era: Any) -> None:
    told: list[dict[str, Any]] = []
    async with connect(server.url, identity=WHO, versions=era) as client:
        assert "echo" in [tool["name"] for tool in await client.list_tools()]
        assert text(await client.call_tool("echo", {"text": "hi"})) == "hi"
        with pytest.raises(PeerError) as failed:
            await client.call_tool("fail", {})
        assert failed.value.code == -32603
        assert "hunter2" not in str(failed.value)
        async with anyio.create_task_group() as tasks:

            async def wait() -> None:
                assert text(await client.call_tool("wait", {}, progress=told.append)) == "waited"

            tasks.start_soon(wait)
            await until(lambda: told)
            assert text(await client.call_tool("open", {})) == "opened"
    assert [step["message"] for step in told] == ["waiting"]


async def test_the_user_is_asked(server: Server, era: Any) -> None:
    async def ask(request: ServerRequest) -> dict[str, Any]:
        if request.method == "sampling/createMessage":
            return {"role": "assistant", "content": {"type": "text", "text": "sure"}, "model": "none"}
        return {"action": "accept", "content": {"seats": 3}}

    async with connect(server.url, identity=WHO, versions=era, on_request=ask) as client:
        assert text(await client.call_tool("book", {})) == "3 seats"
        if era[0] < "2026":
            assert text(await client.call_tool("sample", {})) == "sure"
        else:
            # There nobody can be asked but by a result, and the failure says so.
            with pytest.raises(PeerError):
                await client.call_tool("sample", {})


async def test_a_cancelled_call_is_cancelled_there(server: Server, era: Any) -> None:
    async with connect(server.url, identity=WHO, versions=era) as client:
        before = server.look()["obligations"]
        with anyio.move_on_after(0.3):
            await client.call_tool("sleep", {"seconds": 600})
        await until(lambda: server.look()["obligations"] == before)


async def test_a_session_that_is_lost(server: Server) -> None:
    async with connect(server.url, identity=WHO, versions=ERAS[0]) as client:
        with pytest.raises((CallFailed, PeerError)):
            await client.call_tool("lose", {})
        assert text(await client.call_tool("echo", {"text": "again"})) == "again"
