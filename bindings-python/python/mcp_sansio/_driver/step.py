"""One step of a client machine, as both drivers take it: mutate, drain, perform."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from mcp_sansio.client import Abort, Closed, Open

from ._http import chain
from .dress import Undressed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mcp_sansio.client import Client, Event

T = TypeVar("T")
Mutate: TypeAlias = Callable[[float], object]
"""Does something to the machine, at a time."""


class Stepper:
    """Performs what a machine says, in order and without waiting. Knows no MCP.

    There is one owner: two threads never take steps at once. What is performed may take further steps; what comes
    of those is performed after it.
    """

    def __init__(
        self, machine: Client, deliver: Callable[[Event], None], record: Callable[[list[str]], None] | None
    ) -> None:
        self._machine = machine
        self._deliver = deliver
        self._record = record
        self._has_room = True
        self._is_busy = False
        self._is_stale = False

    @property
    def room(self) -> bool:
        """Whether the application has room for messages. Outcomes come without."""
        return self._has_room

    @room.setter
    def room(self, has_room: bool) -> None:
        is_new = has_room and not self._has_room
        self._has_room = has_room
        if is_new:
            self._step(0.0, lambda _: None)

    def _step(self, now: float, mutate: Callable[[float], T]) -> T:
        if self._is_busy:
            # Whoever is busy performs what comes of it.
            self._is_stale = True
            return mutate(now)
        self._is_busy = True
        try:
            result = mutate(now)
            self._perform()
        finally:
            self._is_busy = False
        return result

    def _perform(self) -> None:
        """Drains the machine, and performs what it says."""
        deadline = None
        self._is_stale = True
        while self._is_stale:
            self._is_stale = False
            outputs, deadline = self._machine.drain(self._has_room)
            for output in outputs:
                if isinstance(output, Open):
                    self._open(output)
                elif isinstance(output, Abort):
                    self._abort(output.exchange)
                else:
                    self._deliver(output)
                    if isinstance(output, Closed):
                        self._closed()
        if self._record is not None:
            self._record(self._machine.records())
        self._rearm(deadline)

    def _failed(self, exchange: int, error: Exception, is_unsent: Callable[[Exception], bool]) -> Mutate:
        """What tells the machine that an exchange has failed so."""
        if isinstance(error, Undressed):
            detail, is_sent = str(error), False
        else:
            detail, is_sent = chain(error), not is_unsent(error)
        return partial(self._machine.failed, exchange=exchange, detail=detail, sent=is_sent)

    def _open(self, output: Open) -> None:
        """Begins an exchange."""
        raise NotImplementedError

    def _abort(self, exchange: int) -> None:
        """Drops an exchange, wherever it is."""
        raise NotImplementedError

    def _closed(self) -> None:
        """Ends all that is left: the machine is done."""
        raise NotImplementedError

    def _rearm(self, deadline: float | None) -> None:
        """Sees to it that the machine is told the time at its deadline."""
        raise NotImplementedError


class ExchangeFeed:
    """Brings what comes of one exchange to the machine, in steps that `take` takes."""

    __slots__ = ("_exchange", "_machine", "_take")

    def __init__(self, take: Callable[[Mutate], object], machine: Client, exchange: int) -> None:
        self._take = take
        self._machine = machine
        self._exchange = exchange

    def head(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """See `Feed`."""
        self._take(lambda now: self._machine.head(now, self._exchange, status, headers))

    def chunk(self, data: bytes) -> None:
        """See `Feed`."""
        self._take(lambda now: self._machine.chunk(now, self._exchange, data))
