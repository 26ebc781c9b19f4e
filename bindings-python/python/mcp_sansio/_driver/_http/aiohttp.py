"""HTTP over aiohttp, on asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import (
    ClientConnectionResetError,
    ClientConnectorError,
    ClientSession,
    ClientTimeout,
    InvalidURL,
    TCPConnector,
)

from . import links

if TYPE_CHECKING:
    from . import Feed, Request

# Errors before the first byte of the request. Whatever else happens, it may have been written.
_UNSENT = (ClientConnectorError, InvalidURL, UnicodeError)

# No bound on anything: the machine has them.
_TIMEOUT = ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)


class Aiohttp:
    """`aiohttp` as the machine wants it.

    Of the application's own session everything is used but its redirects and timeouts: connector, certificates,
    proxies, cookies, headers. When a kept connection turns out to be closed, aiohttp itself sends a GET or a DELETE
    again on another; a POST never.
    """

    def __init__(self, session: ClientSession | None = None) -> None:
        self._is_ours = session is None
        # As many connections as there are exchanges: one that waits for another's end could wait for ever.
        self._session = session or ClientSession(connector=TCPConnector(limit=0), auto_decompress=False)

    async def carry(self, request: Request, feed: Feed) -> None:
        """See `Http`."""
        async with self._session.request(
            request.method,
            request.url,
            headers=[(name.decode(), value.decode()) for name, value in request.headers],
            data=request.body or None,
            allow_redirects=False,
            timeout=_TIMEOUT,
        ) as response:
            feed.head(response.status, response.raw_headers)
            async for data in response.content.iter_any():
                feed.chunk(data)

    def is_unsent(self, error: Exception) -> bool:
        """See `Http`."""
        if isinstance(error, _UNSENT):
            return True
        # A request is written in one piece, and so not at all when the kept connection turns out to be closed.
        resets = [link for link in links(error) if isinstance(link, ClientConnectionResetError)]
        return any("Cannot write to closing transport" in str(link) for link in resets)

    async def aclose(self) -> None:
        """See `Http`."""
        if self._is_ours:
            await self._session.close()
