"""A client that writes bytes and counts answers: what a server is measured with."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httptools
from wire import body_of, headers_of

if TYPE_CHECKING:
    from collections.abc import Callable


class Connection(asyncio.Protocol):
    """A connection on which the same call is made, one after the other."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._left = 0
        self._done: asyncio.Future[None] | None = None
        self._transport: asyncio.WriteTransport | None = None
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready to be used."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    async def make(self, calls: int) -> None:
        """Make so many calls."""
        self._left, self._done = calls, asyncio.get_running_loop().create_future()
        self._send()
        await self._done

    def data_received(self, data: bytes) -> None:
        """Read a part of an answer."""
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The server must keep it."""
        if self._done is not None and not self._done.done():
            self._done.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def on_message_complete(self) -> None:
        """Go on with the next call; the parser says when an answer is whole."""
        status = self._parser.get_status_code()
        assert self._done is not None
        if status != HTTPStatus.OK:
            self._done.set_exception(RuntimeError(f"the server answers {status}"))
            return
        self._left -= 1
        self._parser = httptools.HttpResponseParser(self)
        if self._left:
            self._send()
        else:
            self._done.set_result(None)

    def _send(self) -> None:
        assert self._transport is not None
        self._transport.write(self._request)


async def drive(url: str, era: str, calls: int, at_once: int, warm_up: int, spent: Callable[[], float]) -> float:
    """Make calls on so many connections; gives the difference in what `spent` says, after a warm-up."""
    loop = asyncio.get_running_loop()
    request = request_of(url, era)
    host, _, port = urlsplit(url).netloc.partition(":")
    opened = [await loop.create_connection(lambda: Connection(request), host, int(port)) for _ in range(at_once)]
    connections = [connection for _, connection in opened]
    await asyncio.gather(*(connection.make(-(-warm_up // at_once)) for connection in connections))
    began = spent()
    await asyncio.gather(*(connection.make(calls // at_once) for connection in connections))
    took = spent() - began
    for transport, _ in opened:
        transport.close()
    return took


def request_of(url: str, era: str) -> bytes:
    """The call as it stands on the wire."""
    body = body_of(era)
    headers = {"host": urlsplit(url).netloc, **headers_of(era, url), "content-length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {urlsplit(url).path} HTTP/1.1\r\n{head}\r\n".encode() + body
