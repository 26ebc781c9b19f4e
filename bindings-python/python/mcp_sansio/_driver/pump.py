"""The loop around one client machine, on asyncio and trio."""

from __future__ import annotations

import asyncio
import math
import threading
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.abc

from ._http.choice import is_trio
from .dress import Dresser
from .step import ExchangeFeed, Stepper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mcp_sansio.client import Client, Event, Open

    from ._http import Http

T = TypeVar("T")


class Pump(Stepper):
    """Carries one client machine: performs what it says, feeds what comes, sleeps to its deadline. Knows no MCP.

    `deliver` gets the machine's events, in order, in the midst of a step: it takes note, and neither waits nor
    raises. `headers` go out with every request, and `credentials` are asked for as each one goes out; `record` gets
    the lines of the machine's record. All of it happens in one task group's thread.
    """

    def __init__(
        self,
        machine: Client,
        url: str,
        http: Http,
        deliver: Callable[[Event], None],
        *,
        headers: Iterable[tuple[bytes, bytes]] = (),
        credentials: Callable[[], str | None] | None = None,
        record: Callable[[list[str]], None] | None = None,
    ) -> None:
        super().__init__(machine, deliver, record)
        self._http = http
        self._dresser = Dresser(url, headers, credentials)
        self._thread = threading.get_ident()
        self._clock = anyio.current_time
        self._tasks: anyio.abc.TaskGroup | None = None
        self._exchanges: dict[int, anyio.CancelScope] = {}
        self._alarm: anyio.CancelScope | None = None
        self.closed = anyio.Event()

    async def run(self, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Carries the machine, in a task group, until the machine says that it is closed.

        Cancelling it closes the machine, and lets it say goodbye within the bounds that the machine has for that.
        Before it runs, steps are taken note of and performed when it does.
        """
        async with anyio.create_task_group() as group:
            group.start_soon(self._carry)
            task_status.started()
            try:
                await self.closed.wait()
            finally:
                if not self.closed.is_set():
                    self.step(self._machine.close)

    def step(self, mutate: Callable[[float], T]) -> T:
        """One step: calls `mutate` with the time, then performs what the machine says. Never waits."""
        if threading.get_ident() != self._thread:
            raise RuntimeError("an asynchronous client lives in one thread; `mcp_sansio.sync` is for many")
        return self._step(self._clock(), mutate)

    async def _carry(self) -> None:
        """All tasks of the machine, out of the reach of whoever cancels `run`: it says itself when they end."""
        try:
            with anyio.CancelScope(shield=True):
                if not is_trio():  # the same clock, without looking for it each time
                    self._clock = asyncio.get_running_loop().time
                async with anyio.create_task_group() as self._tasks:
                    self.step(lambda _: None)
                    await self._keep_time()
        finally:
            self.closed.set()

    async def _keep_time(self) -> None:
        """Tells the machine when its deadline has come, until cancelled."""
        while True:
            deadline = self._machine.deadline()
            with anyio.CancelScope(deadline=math.inf if deadline is None else deadline) as self._alarm:
                await anyio.sleep_forever()
            self.step(self._machine.timeout)

    def _perform(self) -> None:
        if self._tasks is not None:
            super()._perform()

    def _open(self, output: Open) -> None:
        if self._tasks is not None:
            scope = self._exchanges[output.exchange] = anyio.CancelScope()
            self._tasks.start_soon(self._exchange, output, scope)

    def _abort(self, exchange: int) -> None:
        scope = self._exchanges.pop(exchange, None)
        if scope is not None:
            scope.cancel()

    def _closed(self) -> None:
        if self._tasks is not None:
            self._tasks.cancel_scope.cancel()

    def _rearm(self, deadline: float | None) -> None:
        # It is only moved when a deadline comes earlier: most move later with every call, and waking up early once
        # in a while is cheaper than setting the clock each time.
        if deadline is not None and self._alarm is not None and deadline < self._alarm.deadline:
            self._alarm.deadline = deadline

    async def _exchange(self, output: Open, scope: anyio.CancelScope) -> None:
        """One exchange: at most one head, the chunks of the body, then its end or its failure."""
        exchange = output.exchange
        feed = ExchangeFeed(self.step, self._machine, exchange)
        with scope:
            try:
                await self._http.carry(self._dresser.request(output), feed)
            except Exception as error:  # noqa: BLE001 - whatever was raised, the exchange has failed
                end = self._failed(exchange, error, self._http.is_unsent)
            else:
                end = partial(self._machine.end, exchange=exchange)
            self._exchanges.pop(exchange, None)
            self.step(end)
