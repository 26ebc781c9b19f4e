"""What waits for one reader, bounded by dropping the oldest."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

import anyio

T = TypeVar("T")


class Events(Generic[T]):
    """An asynchronous iterator over what is put into it."""

    def __init__(self) -> None:
        self._waiting: deque[T] = deque(maxlen=256)
        self._news = anyio.Event()
        self._is_closed = False

    def put(self, event: T) -> None:
        """Adds what is to be read."""
        self._waiting.append(event)
        self._news.set()

    def close(self) -> None:
        """Nothing comes any more."""
        self._is_closed = True
        self._news.set()

    def __aiter__(self) -> Events[T]:
        return self

    async def __anext__(self) -> T:
        while not self._waiting:
            if self._is_closed:
                raise StopAsyncIteration
            self._news = anyio.Event()
            await self._news.wait()
        return self._waiting.popleft()
