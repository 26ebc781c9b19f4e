"""A client that makes calls, and tells what they took: `python clients.py NAME ERA URL CALLS AT-ONCE [--profile]`.

It prints the CPU time of the process for a call, in microseconds, as JSON; and with `--profile` how it divides.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx2
import mcp_sansio
from mcp import Client as SdkClient
from mcp_sansio import sdk, sync
from split import split
from wire import PARAMS, body_of, headers_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from mcp_sansio import Version

    Call = Callable[[], Awaitable[object]]

#: The eras, as the SDK names them, and as we do.
SDK_MODE: dict[str, Any] = {"legacy": "legacy", "modern": "2026-07-28"}
VERSIONS: dict[str, tuple[Version, Version]] = {
    "legacy": ("2024-11-05", "2025-11-25"),
    "modern": ("2026-07-28", "2026-07-28"),
}
#: Calls before those that count.
WARM_UP = 100


@asynccontextmanager
async def ours(era: str, url: str, http: httpx2.AsyncClient | None = None) -> AsyncGenerator[Call]:
    """Our client, on what is the default under asyncio, or on the HTTP client given."""
    async with mcp_sansio.connect(url, versions=VERSIONS[era], http=http) as client:
        yield lambda: client.call_tool(**PARAMS)


@asynccontextmanager
async def ours_on_httpx2(era: str, url: str) -> AsyncGenerator[Call]:
    """Our client on httpx2."""
    http = unbounded()
    async with http, ours(era, url, http) as call:
        yield call


@asynccontextmanager
async def official(era: str, url: str) -> AsyncGenerator[Call]:
    """The official SDK's client, as it comes."""
    async with SdkClient(url, mode=SDK_MODE[era]) as client:
        yield lambda: client.call_tool(**PARAMS)


@asynccontextmanager
async def official_on_ours(era: str, url: str) -> AsyncGenerator[Call]:
    """The official SDK's client on our transport."""
    async with SdkClient(sdk.streamable_http_client(url), mode=SDK_MODE[era]) as client:
        yield lambda: client.call_tool(**PARAMS)


@asynccontextmanager
async def only_aiohttp(era: str, url: str) -> AsyncGenerator[Call]:
    """Nothing but aiohttp, posting the same call."""
    headers, body = headers_of(era, url), body_of(era)

    async def call() -> object:
        async with session.post(url, data=body, headers=headers) as response:
            return json.loads(await response.read())["result"]

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield call


@asynccontextmanager
async def only_httpx2(era: str, url: str) -> AsyncGenerator[Call]:
    """Nothing but httpx2, posting the same call."""
    headers, body = headers_of(era, url), body_of(era)

    async def call() -> object:
        return json.loads((await http.post(url, content=body, headers=headers)).content)["result"]

    http = unbounded()
    async with http:
        yield call


def unbounded() -> httpx2.AsyncClient:
    """An HTTP client that keeps every connection."""
    return httpx2.AsyncClient(limits=httpx2.Limits(max_connections=None, max_keepalive_connections=None))


ASYNC = {
    "ours": ours,
    "ours on httpx2": ours_on_httpx2,
    "official": official,
    "official on ours": official_on_ours,
    "only aiohttp": only_aiohttp,
    "only httpx2": only_httpx2,
}


async def on_a_loop(name: str, era: str, url: str, at_once: int, calls: int, profile: cProfile.Profile | None) -> float:
    """CPU seconds of all calls, which so many tasks make."""
    async with AsyncExitStack() as stack:
        call = await stack.enter_async_context(ASYNC[name](era, url))

        async def worker(times: int) -> None:
            for _ in range(times):
                await call()

        await asyncio.gather(*(worker(-(-WARM_UP // at_once)) for _ in range(at_once)))
        began = time.process_time()
        if profile is not None:
            profile.enable()
        await asyncio.gather(*(worker(calls // at_once) for _ in range(at_once)))
        if profile is not None:
            profile.disable()
        return time.process_time() - began


def on_threads(era: str, url: str, at_once: int, calls: int) -> float:
    """CPU seconds of all calls of our blocking client, which so many threads make."""
    with sync.connect(url, versions=VERSIONS[era]) as client, ThreadPoolExecutor(at_once) as threads:

        def worker(times: int) -> None:
            for _ in range(times):
                client.call_tool(**PARAMS)

        list(threads.map(worker, [-(-WARM_UP // at_once)] * at_once))
        began = time.process_time()
        list(threads.map(worker, [calls // at_once] * at_once))
        return time.process_time() - began


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=[*ASYNC, "ours blocking"])
    parser.add_argument("era", choices=SDK_MODE)
    parser.add_argument("url")
    parser.add_argument("calls", type=int)
    parser.add_argument("at_once", type=int)
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    profile = cProfile.Profile() if asked.profile else None
    if asked.name == "ours blocking":
        seconds = on_threads(asked.era, asked.url, asked.at_once, asked.calls)
    else:
        seconds = asyncio.run(on_a_loop(asked.name, asked.era, asked.url, asked.at_once, asked.calls, profile))
    each = seconds / (asked.calls // asked.at_once * asked.at_once)
    print(json.dumps({"microseconds": 1e6 * each, "split": None if profile is None else split(profile)}))


if __name__ == "__main__":
    main()
