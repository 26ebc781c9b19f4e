"""What the drivers need of an HTTP library, and what they say of its errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_URL = re.compile(r"\w+://[^\s'\"]+")

Headers = list[tuple[bytes, bytes]]
"""Headers as they go on the wire, in order; names in lower case where they are ours."""


class Request(NamedTuple):
    """A request to send: everything that goes out, credentials among it."""

    method: str
    url: str
    headers: Headers
    body: bytes


class Feed(Protocol):
    """Who is told what comes of one exchange."""

    def head(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """The head of the response has come."""
        ...

    def chunk(self, data: bytes) -> None:
        """More of its body has come."""
        ...


class Http(Protocol):
    """An HTTP library for asyncio or trio that does nothing of its own accord.

    No redirects, no retries, no decompression and no timeouts: the machine has them.
    """

    async def carry(self, request: Request, feed: Feed) -> None:
        """Sends a request, and feeds its response's head and body; returns at the end of the body.

        When it is cancelled the exchange is abandoned, wherever it is. Any exception is the exchange's failure.
        """
        ...

    def is_unsent(self, error: Exception) -> bool:
        """Whether not a byte of the request can have been written when `carry` raised this."""
        ...

    async def aclose(self) -> None:
        """Closes the connections, unless they are the application's."""
        ...


def chain(error: BaseException) -> str:
    """An error with its chain of causes, in one line. URLs are left out: the story knows them, they may be secret."""
    said: list[str] = []
    for link in links(error):
        bare = isinstance(link, OSError) and link.errno is None and link.strerror
        text = _URL.sub("<url>", bare or str(link)) or type(link).__name__
        if text not in said:
            said.append(text)
    return ": ".join(said)


def links(error: BaseException | None) -> Iterator[BaseException]:
    """An error and its causes, outermost first. The libraries hide some of them with `from None`."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        group = getattr(error, "exceptions", None)
        if isinstance(group, tuple):
            for part in group:  # pyright: ignore[reportUnknownVariableType]
                if isinstance(part, BaseException):
                    yield from links(part)
            return
        yield error
        error = error.__cause__ or error.__context__
