"""`mcp_sansio.connect`."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

from mcp_sansio.client import Client

from ._http.choice import choose
from .async_client import AsyncClient
from .dress import headers_of
from .messages import check_recording, default_identity

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from typing import TextIO

    from typing_extensions import Unpack

    from mcp_sansio import Identity
    from mcp_sansio.client import ManagedSettings as Settings

    from ._http import Http
    from ._http.choice import AnyHttp
    from .staff import Authorizer, Handler


@asynccontextmanager
async def connect(
    url: str,
    *,
    identity: Identity | None = None,
    headers: Mapping[str, str] | None = None,
    authorizer: Authorizer | None = None,
    on_request: Handler | None = None,
    http: AnyHttp | None = None,
    record: TextIO | None = None,
    **settings: Unpack[Settings],
) -> AsyncGenerator[AsyncClient]:
    """A client of the MCP server at this URL, on asyncio or trio; its handshake is done.

    `identity` says who the client is and which capabilities it declares. `headers` go out with every request, unless
    the protocol sets one of that name; `authorizer` has credentials that change. Neither is ever seen by the machine,
    nor in what it tells. `on_request` answers the server's requests (sampling, elicitation, roots), in whichever way
    they come: each call of it is a task of its own. `http` is the application's own `httpx2.AsyncClient` or
    `aiohttp.ClientSession`. `record` gets each step of the machine as a line, to be replayed by `mcp-sansio replay`;
    it is written in the midst of the client's work, so it should be a file or a buffer. `settings` are those of the
    machine: timing, limits, versions, what is known of the server.

    When the context is left, all calls settle and the session ends, within the `close` of the timing.

    Raises `ConfigError` if a setting cannot work, and `CallError` as the handshake ended.

    >>> async def main():
    ...     async with mcp_sansio.connect(url) as client:  # such as "https://example.com/mcp"
    ...         result = await client.call_tool("echo", {"text": "hello"})
    ...         print(result["content"][0]["text"])
    >>> anyio.run(main)
    hello
    """
    given = headers_of(headers or {})
    check_recording(record, settings)
    machine = Client(url, identity or default_identity(), authorizer=authorizer is not None, **settings)
    failure: BaseException | None = None
    async with _closing(choose(http, url)) as carrier, anyio.create_task_group() as group:
        client = AsyncClient(
            machine,
            url,
            carrier,
            group,
            headers=given,
            authorizer=authorizer,
            on_request=on_request,
            record=record,
        )
        try:
            async with client.running(group):
                yield client
        except anyio.get_cancelled_exc_class():
            raise
        except BaseException as error:  # noqa: BLE001 - it is raised again: a task group would wrap it
            failure = error
    if failure is not None:
        raise failure


@asynccontextmanager
async def _closing(http: Http) -> AsyncGenerator[Http]:
    """Closes it at the end, also for whoever is cancelled."""
    try:
        yield http
    finally:
        with anyio.CancelScope(shield=True):
            await http.aclose()
