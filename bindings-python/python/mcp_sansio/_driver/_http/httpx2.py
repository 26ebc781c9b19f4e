"""HTTP over httpx2, on asyncio and trio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpx2 import (
    AsyncClient,
    ConnectError,
    ConnectTimeout,
    InvalidURL,
    Limits,
    PoolTimeout,
    ProxyError,
    UnsupportedProtocol,
)

if TYPE_CHECKING:
    from . import Feed, Request

# Errors before the first byte of the request. Whatever else happens, it may have been written.
_UNSENT = (ConnectError, ConnectTimeout, InvalidURL, PoolTimeout, ProxyError, UnsupportedProtocol)


class Httpx2:
    """`httpx2` as the machine wants it.

    Of the application's own client everything is used but its redirects and timeouts: certificates, proxies,
    limits, cookies, authentication, headers.
    """

    def __init__(self, client: AsyncClient | None = None) -> None:
        self._is_ours = client is None
        # As many connections as there are exchanges: one that waits for another's end could wait for ever.
        self._client = client or AsyncClient(limits=Limits(max_connections=None, max_keepalive_connections=100))

    async def carry(self, request: Request, feed: Feed) -> None:
        """See `Http`."""
        built = self._client.build_request(
            request.method, request.url, headers=request.headers, content=request.body or None, timeout=None
        )
        response = await self._client.send(built, stream=True, follow_redirects=False)
        try:
            feed.head(response.status_code, response.headers.raw)
            async for data in response.aiter_raw():
                feed.chunk(data)
        finally:
            await response.aclose()

    def is_unsent(self, error: Exception) -> bool:
        """See `Http`."""
        return isinstance(error, _UNSENT)

    async def aclose(self) -> None:
        """See `Http`."""
        if self._is_ours:
            await self._client.aclose()
