"""The application's ends of the inboxes, for tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import anyio

from .inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from .inbox import Room
    from .messages import SubscriptionEvent

T = TypeVar("T")


class Reader(Inbox[T]):
    """An inbox that tasks read."""

    def __init__(self, room: Room | None) -> None:
        super().__init__(room)
        self._news: anyio.Event | None = None

    async def get(self) -> T | None:
        """The next; `None` when no more can come."""
        while (item := self.take()) is None and not self.is_ended:
            if self._news is None:
                self._news = anyio.Event()
            await self._news.wait()
        return item

    def _wake(self) -> None:
        if self._news is not None:
            self._news.set()
            self._news = None


class Messages(Generic[T]):
    """Messages in the order in which they came, as an asynchronous iterator.

    Read it to its end, or close it: `async with` does.
    """

    def __init__(self, inbox: Reader[T]) -> None:
        self._inbox = inbox

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        item = await self._inbox.get()
        if item is None:
            raise StopAsyncIteration
        return item

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Nobody reads it any more: what is unread takes no room from others."""
        self._inbox.desert()

    def __del__(self) -> None:
        self._inbox.desert()


class Subscription(Messages["SubscriptionEvent"]):
    """What changes at the server, as an asynchronous iterator: `Opened`, `Notification`s, `Gap`s, at last `Ended`.

    Closing it ends the subscription.
    """

    def __init__(self, inbox: Reader[SubscriptionEvent], unlisten: Callable[[], None]) -> None:
        super().__init__(inbox)
        self._unlisten = unlisten

    async def aclose(self) -> None:
        """Ends the subscription."""
        await super().aclose()
        self._unlisten()
