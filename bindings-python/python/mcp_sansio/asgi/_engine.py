"""The loop around one server machine: mutate, drain, perform. Knows no MCP."""

from __future__ import annotations

import contextlib
import logging
import math
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.lowlevel

from mcp_sansio.server import Abort, Chunk, End, Head, ShutDown

from ._exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from anyio.abc import TaskStatus

    from mcp_sansio.server import Event, Output, Server

    from ._types import Receive, Scope, Send

T = TypeVar("T")
_FOR_EXCHANGES = (Head, Chunk, End, Abort)
log = logging.getLogger("mcp_sansio.asgi")


class Engine:
    """Carries one server machine: brings HTTP to it and back, and sleeps to its deadline.

    `deliver` gets the machine's events, in order, in the midst of a step: it takes note, and neither waits nor
    raises. It may take steps of its own; what comes of them is performed after it. `record` gets the lines of the
    machine's record; it is written in the midst of the server's work, so give it a file or a buffer.

    Steps may be taken in any thread. What comes of them is performed in the one in which the engine runs.
    """

    def __init__(self, machine: Server, deliver: Callable[[Event], None], *, record: TextIO | None = None) -> None:
        self.machine = machine
        self.is_down = False
        self._deliver = deliver
        self._record = record
        self._lock = threading.Lock()
        self._outputs: deque[Output] = deque()
        self._deadline: float | None = None
        self._is_performing = False
        self._exchanges: dict[int, Exchange] = {}
        self._acts: deque[Callable[[], object]] = deque()
        self._loop: _Loop | None = None
        self._down: anyio.Event | None = None
        self._alarm: anyio.CancelScope | None = None

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Tells the machine the time, until it is shut down. Exchanges are served meanwhile, in this event loop.

        Cancelling it shuts the machine down without any grace.
        """
        loop, self._down = _Loop(), anyio.Event()
        self._loop = loop
        task_status.started()
        try:
            while not self.is_down:
                while self._acts:
                    self._acts.popleft()()
                self._perform()
                with anyio.CancelScope(deadline=self._due(loop)) as self._alarm:
                    await loop.is_woken()
                self.feed(self.machine.timeout)
        finally:
            self._alarm = None
            self.step(lambda now: self.machine.shut_down(now, 0.0))
            if not self.is_down:
                # Somebody does not read. The machine would find that out, but is not told the time any more.
                for exchange in self._exchanges.values():
                    exchange.cut_off()

    async def shut_down(self, grace: float) -> None:
        """Takes nothing new, gives what is in flight `grace` seconds, and returns when all is ended."""
        self.step(lambda now: self.machine.shut_down(now, grace))
        if self._down is not None:
            await self._down.wait()

    def step(self, mutate: Callable[[float], T]) -> T:
        """One step: calls `mutate` with the time, then performs what the machine says. Never waits."""
        with self._lock:
            result = mutate(time.monotonic())
            self._drain()
        self._perform_there()
        return result

    def feed(self, put: Callable[[float], bool]) -> None:
        """A step that does nothing if `put` says that nothing came of it."""
        with self._lock:
            if not put(time.monotonic()):
                return
            self._drain()
        self._perform_there()

    def soon(self, act: Callable[[], object]) -> None:
        """Has `act` called where the engine runs. Safe in signal handlers and finalizers."""
        self._acts.append(act)
        if self._loop is not None:
            self._loop.wake()

    def is_here(self) -> bool:
        """Whether the engine runs, or ran, in the event loop that runs here."""
        return self._loop is not None and self._loop.token == anyio.lowlevel.current_token()

    async def serve(self, scope: Scope, receive: Receive, send: Send, principal: str | None = None) -> None:
        """Carries one HTTP request to the machine, and its response back.

        It raises `CutOff` if the machine cut the response off: the HTTP server closes the connection then.
        """
        exchange = Exchange(self, scope)

        def accept(now: float) -> None:
            exchange.id = self.machine.accept(now, scope["method"], scope["headers"], principal)
            self._exchanges[exchange.id] = exchange

        self.step(accept)
        try:
            await exchange.carry(receive, send)
        finally:
            del self._exchanges[exchange.id]
            if not exchange.is_complete:
                self.feed(lambda now: self.machine.gone(now, exchange.id))

    def scope(self, exchange: int) -> Scope | None:
        """The ASGI scope of an exchange that is open."""
        found = self._exchanges.get(exchange)
        return None if found is None else found.scope

    def _drain(self) -> None:
        outputs, self._deadline = self.machine.drain()
        self._outputs.extend(outputs)
        if self._record is not None:
            try:
                self._record.writelines(f"{line}\n" for line in self.machine.records())
            except (OSError, ValueError):
                self._record = None
                log.exception("the record cannot be written any more; the server goes on without")

    def _perform_there(self) -> None:
        """Performs what was drained, in the engine's thread; before it runs, `run` will."""
        if self._loop is None:
            return
        if threading.get_ident() == self._loop.thread:
            self._perform()
        else:
            self._loop.wake()

    def _perform(self) -> None:
        if self._is_performing:
            return  # the step in whose midst this one is goes on with it
        self._is_performing = True
        try:
            while self._outputs:
                self._perform_one(self._outputs.popleft())
        finally:
            self._is_performing = False
        # It is only moved when a deadline comes earlier: waking up early once in a while is cheaper than setting it
        # each time.
        if self._alarm is not None and self._loop is not None and (due := self._due(self._loop)) < self._alarm.deadline:
            self._alarm.deadline = due

    def _perform_one(self, output: Output) -> None:
        if isinstance(output, _FOR_EXCHANGES):
            exchange = self._exchanges.get(output.exchange)
            if exchange is not None:
                exchange.put(output)
            return
        if isinstance(output, ShutDown):
            self.is_down = True
            if self._down is not None and self._loop is not None:
                self._down.set()
                self._loop.wake()
        try:
            self._deliver(output)
        except Exception:
            log.exception("%r was not delivered", output)

    def _due(self, loop: _Loop) -> float:
        """The machine's deadline, on the clock of the event loop."""
        return math.inf if self._deadline is None else self._deadline + loop.offset


class _Loop:
    """The event loop in which an engine runs, as other threads and signal handlers see it."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.token = anyio.lowlevel.current_token()
        self.offset = anyio.current_time() - time.monotonic()
        self._woken = anyio.Event()
        native = self.token.native_token
        # Asyncio's name for it, else trio's.
        self._call_soon: Callable[[Callable[[], object]], object] = (
            getattr(native, "call_soon_threadsafe", None) or getattr(native, "run_sync_soon")  # noqa: B009
        )

    def wake(self) -> None:
        """Has the engine look for what is to be done; nothing happens when the loop has ended."""
        # Both say by a RuntimeError that it has.
        with contextlib.suppress(RuntimeError):
            self._call_soon(lambda: self._woken.set())  # noqa: PLW0108 - it is another event by then

    async def is_woken(self) -> None:
        """Waits for that."""
        await self._woken.wait()
        self._woken = anyio.Event()
