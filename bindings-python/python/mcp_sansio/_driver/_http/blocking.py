"""HTTP on threads: an exchange blocks its thread, and can be dropped from another."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

import httpcore2
import httpx2

from .choice import is_proxied

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

    from . import Feed, Request


class Hold:
    """A hold on an exchange, by which any thread can drop it: what blocks on its socket wakes up with an error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.is_dropped = False

    def take(self, taken: socket.socket) -> None:
        """The exchange uses this socket."""
        with self._lock:
            self._socket = taken
            if self.is_dropped:
                _shut_down(taken)

    def release(self) -> None:
        """The exchange has ended, and another may use its socket."""
        with self._lock:
            self._socket = None

    def drop(self) -> None:
        """Ends the exchange, wherever it is. A connection attempt ends by itself."""
        with self._lock:
            self.is_dropped = True
            if self._socket is not None:
                _shut_down(self._socket)


class BlockingHttp(Protocol):
    """As `Http`, on threads. When its hold is dropped, an exchange ends with whatever exception."""

    def carry(self, request: Request, feed: Feed, hold: Hold) -> None:
        """Sends a request, and feeds its response's head and body; returns at the end of the body."""
        ...

    def is_unsent(self, error: Exception) -> bool:
        """Whether not a byte of the request can have been written when `carry` raised this."""
        ...

    def close(self) -> None:
        """Closes the connections, unless they are the application's."""
        ...


def choose(http: httpx2.Client | None, url: str) -> BlockingHttp:
    """The application's own client, or one for this client alone."""
    if http is None and not is_proxied(url):
        return Pool()
    if http is None or isinstance(http, httpx2.Client):  # pyright: ignore[reportUnnecessaryIsInstance]
        return Httpx2(http)
    raise TypeError(f"http: an httpx2.Client, not {type(http).__name__}")


class Pool:
    """`httpcore2`, the connections below httpx2: each exchange knows its socket from its first byte on."""

    _UNSENT = (httpcore2.ConnectError, httpcore2.ConnectTimeout, httpcore2.UnsupportedProtocol)

    def __init__(self) -> None:
        # As many connections as there are exchanges: one that waits for another's end could wait for ever.
        self._pool = httpcore2.ConnectionPool(max_connections=None, network_backend=_Backend())

    def carry(self, request: Request, feed: Feed, hold: Hold) -> None:
        """See `BlockingHttp`."""
        _CURRENT.hold = hold
        with self._pool.stream(
            request.method, request.url, headers=request.headers, content=request.body or None
        ) as response:
            feed.head(response.status, response.headers)
            for data in response.iter_stream():
                feed.chunk(data)
            hold.release()

    def is_unsent(self, error: Exception) -> bool:
        """See `BlockingHttp`."""
        return isinstance(error, self._UNSENT)

    def close(self) -> None:
        """See `BlockingHttp`."""
        self._pool.close()


class Httpx2:
    """The application's own `httpx2.Client`, or one that knows the environment's proxies.

    An exchange that is dropped before the head of its response has come keeps its thread until the server says
    something.
    """

    _UNSENT = (
        httpx2.ConnectError,
        httpx2.ConnectTimeout,
        httpx2.InvalidURL,
        httpx2.PoolTimeout,
        httpx2.ProxyError,
        httpx2.UnsupportedProtocol,
    )

    def __init__(self, client: httpx2.Client | None) -> None:
        self._is_ours = client is None
        self._client = client or httpx2.Client(limits=httpx2.Limits(max_connections=None))

    def carry(self, request: Request, feed: Feed, hold: Hold) -> None:
        """See `BlockingHttp`."""
        built = self._client.build_request(
            request.method, request.url, headers=request.headers, content=request.body or None, timeout=None
        )
        response = self._client.send(built, stream=True, follow_redirects=False)
        try:
            stream = response.extensions.get("network_stream")
            if stream is not None and response.http_version != "HTTP/2":
                hold.take(stream.get_extra_info("socket"))
            feed.head(response.status_code, response.headers.raw)
            for data in response.iter_raw():
                feed.chunk(data)
                if hold.is_dropped:
                    break
            hold.release()
        finally:
            response.close()

    def is_unsent(self, error: Exception) -> bool:
        """See `BlockingHttp`."""
        return isinstance(error, self._UNSENT)

    def close(self) -> None:
        """See `BlockingHttp`."""
        if self._is_ours:
            self._client.close()


class _Current(threading.local):
    """The exchange that this thread is at."""

    hold: Hold | None = None


_CURRENT = _Current()


class _Backend(httpcore2.SyncBackend):
    """Connections whose sockets are held by the exchanges that write to them."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        return _Stream(super().connect_tcp(host, port, timeout, local_address, socket_options))


class _Stream(httpcore2.NetworkStream):
    """A connection that tells the exchange of the thread that writes to it."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if _CURRENT.hold is not None:
            _CURRENT.hold.take(self._stream.get_extra_info("socket"))
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _shut_down(taken: socket.socket) -> None:
    # Not the method of an `ssl.SSLSocket`, which would pull the encryption from under the thread that reads.
    with suppress(OSError):
        socket.socket.shutdown(taken, socket.SHUT_RDWR)
