"""The application in others: Starlette, FastAPI, and what stands in front of it there."""

from __future__ import annotations

import contextlib
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from asgi_bare import WHO, Site, until
from asgi_wire import call, get, initialize, modern, post
from fastapi import FastAPI
from mcp_sansio.asgi import App, CutOff
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from mcp_sansio.asgi import Request
    from starlette.middleware.base import RequestResponseEndpoint
    from starlette.requests import Request as StarletteRequest
    from starlette.responses import Response


async def answer(request: Request) -> object:
    return {"path": request.scope["path"], "user": request.scope.get("state", {}).get("user")}


def outer(tools: App, *routes: Mount | Route, middleware: list[Middleware] | None = None) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with tools.running():
            yield

    return Starlette(routes=[*routes], lifespan=lifespan, middleware=middleware)


@contextmanager
def entered(app: Starlette) -> Generator[Any]:
    client: Any = TestClient(app, base_url="http://localhost")
    with client:
        yield client


async def mark(request: StarletteRequest, go_on: RequestResponseEndpoint) -> Response:
    request.state.user = "ada"
    return await go_on(request)


def test_starlette_routes_and_mounts() -> None:
    tools = App(WHO, answer)
    app = outer(tools, Route("/tools", endpoint=tools), Mount("/mounted", app=tools))
    for _ in range(2):  # tests of applications begin and end them often
        with entered(app) as client:
            for path in ("/tools", "/mounted", "/mounted/deeper"):
                headers, body = post(initialize())
                response = client.post(path, content=body, headers=headers)
                assert response.status_code == 200, response.text
                session = response.headers["mcp-session-id"]
                headers, body = post(call("any"), session)
                assert client.post(path, content=body, headers=headers).json()["result"]["path"].startswith(path)
                assert client.delete(path, headers=get(session)).status_code < 300
            assert client.get("/elsewhere").status_code == 404
    assert not tools.inspect().exchanges


def test_fastapi_without_a_lifespan_runs_from_the_first_request_on() -> None:
    app = FastAPI()
    app.mount("/mcp", App(WHO, answer))
    client: Any = TestClient(app, base_url="http://localhost")
    for _ in range(3):
        headers, body = post(modern(call("any")))
        assert client.post("/mcp/", content=body, headers=headers).json()["result"]["path"] == "/mcp/"


@pytest.mark.parametrize("middleware", [Middleware(BaseHTTPMiddleware, dispatch=mark), Middleware(GZipMiddleware)])
def test_middleware_may_stand_in_front(middleware: Middleware) -> None:
    tools = App(WHO, answer)
    app = outer(tools, Route("/mcp", endpoint=tools), middleware=[middleware])
    with entered(app) as client:
        headers, body = post(modern(call("any")))
        result = client.post("/mcp", content=body, headers=headers).json()["result"]
        assert result["user"] == ("ada" if middleware.cls is BaseHTTPMiddleware else None)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_stream_that_is_cut_off_looks_so_behind_middleware_too() -> None:
    async def handle(request: Request) -> object:
        request.progress(1)
        await anyio.sleep_forever()
        return None

    tools = App(WHO, handle, timing={"stall": 0.1, "keep_alive": 0.05})
    app = outer(tools, Route("/mcp", endpoint=tools), middleware=[Middleware(BaseHTTPMiddleware, dispatch=mark)])
    async with anyio.create_task_group() as tasks, tools.running():
        exchange = Site(app, tasks).modern(call("any", token="t"))
        assert await exchange.status() == 200
        # The middleware holds it until its reader reads.
        await until(lambda: not tools.inspect().exchanges)
        while not exchange.is_over.is_set():
            with contextlib.suppress(AssertionError):
                assert await exchange.chunk() is not None
        assert isinstance(exchange.raised, CutOff)
        tasks.cancel_scope.cancel()
