"""What waits at the application: bounded together, so that the machine knows when there is no room.

When there is none, the machine keeps the messages, and decides what to merge, drop or refuse, while outcomes pass
them.
"""

from __future__ import annotations

from collections import deque
from contextlib import nullcontext
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

T = TypeVar("T")

ROOM = 64
"""Messages that may wait at the application, all kinds together."""

EVENTS = 256
"""Events that may wait; beyond them the oldest are dropped."""


class Room:
    """Counts the messages that wait at the application, and tells when there is no more room, and when again."""

    def __init__(self, tell: Callable[[bool], None]) -> None:
        self._held = 0
        self._tell = tell

    def take(self) -> None:
        """One more waits."""
        self._held += 1
        if self._held == ROOM:
            self._tell(False)

    def give_back(self, count: int) -> None:
        """So many were read, or never will be."""
        was_full = self._held >= ROOM
        self._held -= count
        if was_full and self._held < ROOM:
            self._tell(True)


class Inbox(Generic[T]):
    """What waits for one reader, in order. Without a room, beyond `EVENTS` the oldest are dropped."""

    def __init__(self, room: Room | None, guard: AbstractContextManager[object] | None = None) -> None:
        self._room = room
        self._guard = guard or nullcontext()
        # Each with whether it takes room.
        self._items: deque[tuple[T, bool]] = deque(maxlen=EVENTS if room is None else None)
        self.is_ended = False
        self.is_deserted = False

    def put(self, item: T, *, takes_room: bool = True) -> None:
        """Puts something in, unless nobody will read it."""
        takes_room = takes_room and self._room is not None
        with self._guard:
            if self.is_ended or self.is_deserted:
                return
            self._items.append((item, takes_room))
            self._wake()
        if takes_room and self._room is not None:
            self._room.take()

    def replace_last(self, item: T, is_stale: Callable[[T, T], bool]) -> None:
        """Puts something in that takes no room, in the place of the last two if they are unread and stale."""
        with self._guard:
            if len(self._items) > 1 and is_stale(self._items[-2][0], self._items[-1][0]):
                self._items.pop()
                self._items.pop()
        self.put(item, takes_room=False)

    def end(self) -> None:
        """Nothing more comes. What is in it can still be read, and takes no room from others."""
        with self._guard:
            self.is_ended = True
            self._free(keep=True)
            self._wake()

    def desert(self) -> None:
        """Nobody reads it any more."""
        with self._guard:
            self.is_deserted = True
            self._free(keep=False)

    def take(self) -> T | None:
        """The next, if there is one."""
        with self._guard:
            if not self._items:
                return None
            item, takes_room = self._items.popleft()
        if takes_room and self._room is not None:
            self._room.give_back(1)
        return item

    def _free(self, *, keep: bool) -> None:
        counted = sum(takes_room for _, takes_room in self._items)
        items = [(item, False) for item, _ in self._items] if keep else []
        self._items.clear()
        self._items.extend(items)
        if counted and self._room is not None:
            self._room.give_back(counted)

    def _wake(self) -> None:
        """Wakes whoever reads."""
        raise NotImplementedError
