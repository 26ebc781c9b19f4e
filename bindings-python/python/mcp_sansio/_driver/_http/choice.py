"""Which HTTP library carries a client."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

if TYPE_CHECKING:
    from typing import TypeAlias

    import aiohttp
    import httpx2

    from . import Http

    AnyHttp: TypeAlias = httpx2.AsyncClient | aiohttp.ClientSession


def choose(http: AnyHttp | None, url: str) -> Http:
    """The application's own client, or one for this client alone.

    aiohttp takes half of httpx2's time for a request; httpx2 runs on trio too, and through every kind of proxy.
    """
    # Only who uses a library pays for its import.
    if http is None:
        if is_trio() or is_proxied(url):
            from .httpx2 import Httpx2  # noqa: PLC0415

            return Httpx2()
        from .aiohttp import Aiohttp  # noqa: PLC0415

        return Aiohttp()
    if "aiohttp" in sys.modules:
        import aiohttp  # noqa: PLC0415

        from .aiohttp import Aiohttp  # noqa: PLC0415

        if isinstance(http, aiohttp.ClientSession):
            return Aiohttp(http)
    if "httpx2" in sys.modules:
        import httpx2  # noqa: PLC0415

        from .httpx2 import Httpx2  # noqa: PLC0415

        if isinstance(http, httpx2.AsyncClient):
            return Httpx2(http)
    raise TypeError(f"http: an httpx2.AsyncClient or an aiohttp.ClientSession, not {type(http).__name__}")


def is_trio() -> bool:
    """Whether this runs under trio, and not under asyncio."""
    trio = sys.modules.get("trio")
    return trio is not None and trio.lowlevel.in_trio_run()


def is_proxied(url: str) -> bool:
    """Whether the environment names a proxy for this URL."""
    parts = urlsplit(url)
    proxies = getproxies()
    return bool({parts.scheme, "all"} & proxies.keys()) and not proxy_bypass(parts.hostname or "")
