"""The loop around one client machine, on plain threads.

One thread owns the machine, and takes all steps: whatever happens to the application's threads, an interrupt from the
keyboard say, cannot break a step off in its middle. The exchanges have threads of their own, which are used again.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from ._http.blocking import Hold
from .dress import Dresser
from .step import ExchangeFeed, Mutate, Stepper

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_sansio.client import Client, Event, Open

    from ._http import Headers
    from ._http.blocking import BlockingHttp

T = TypeVar("T")

_LEAVING = 1.0
"""Seconds that threads get to find their exchanges dropped. One that tries to connect may take longer."""


class ThreadPump(Stepper):
    """Carries one client machine: performs what it says, feeds what comes, sleeps to its deadline. Knows no MCP.

    `deliver` gets the machine's events in the owner's thread, in the midst of a step: it neither waits nor raises;
    `ended` is called there when there will be no more.
    """

    def __init__(
        self,
        machine: Client,
        url: str,
        http: BlockingHttp,
        deliver: Callable[[Event], None],
        *,
        ended: Callable[[], None],
        headers: Headers,
        credentials: Callable[[], str | None] | None,
        record: Callable[[list[str]], None] | None,
    ) -> None:
        super().__init__(machine, deliver, record)
        self._http = http
        self._ended = ended
        self._dresser = Dresser(url, headers, credentials)
        self._mutations: SimpleQueue[Mutate] = SimpleQueue()
        self._deadline: float | None = None
        self._exchanges: dict[int, Hold] = {}
        self._workers = Workers()
        self._is_done = False
        self._leftovers = threading.Lock()
        self.closed = threading.Event()

    def start(self) -> None:
        """Starts the thread that owns the machine."""
        threading.Thread(target=self._run, name="mcp-sansio", daemon=True).start()

    def post(self, mutate: Mutate) -> None:
        """A step, from any thread, some time soon and in order. It must not raise."""
        self._mutations.put(mutate)
        if self._is_done:
            self._work_off()

    def ask(self, mutate: Callable[[float], T]) -> T:
        """A step, from any other thread than the owner's; returns what `mutate` does, or raises it."""
        reply: SimpleQueue[tuple[T] | Exception] = SimpleQueue()

        def answer(now: float) -> None:
            try:
                reply.put((mutate(now),))
            except Exception as error:  # noqa: BLE001 - it is the asker's
                reply.put(error)

        self.post(answer)
        answered = reply.get()
        if isinstance(answered, Exception):
            raise answered
        return answered[0]

    def step(self, mutate: Mutate) -> object:
        """A step in the midst of another, in the owner's thread."""
        return self._step(time.monotonic(), mutate)

    def join(self) -> None:
        """Waits until the machine is closed and the threads are gone."""
        self.closed.wait()
        self._workers.end(_LEAVING)

    def _run(self) -> None:
        try:
            while not self._is_done:
                self._step_on()
        finally:
            self._is_done = True
            self._work_off()
            self._ended()
            self.closed.set()

    def _step_on(self) -> None:
        """Takes the next step, whichever it is."""
        wait = None if self._deadline is None else max(self._deadline - time.monotonic(), 0)
        mutate: Mutate | None = None
        with suppress(Empty):
            mutate = self._mutations.get(timeout=wait)
        now = time.monotonic()
        if mutate is not None:
            self._step(now, mutate)
        if self._deadline is not None and now >= self._deadline:
            self._step(now, self._machine.timeout)

    def _work_off(self) -> None:
        """What is asked of a machine that is closed; it answers at once."""
        with self._leftovers:
            while not self._mutations.empty():
                self.step(self._mutations.get())

    def _open(self, output: Open) -> None:
        hold = self._exchanges[output.exchange] = Hold()
        try:
            self._workers.start(partial(self._exchange, output, hold))
        except RuntimeError as error:
            failed = self._failed(output.exchange, error, lambda _: True)
            self.step(partial(self._finish, output.exchange, failed))

    def _abort(self, exchange: int) -> None:
        hold = self._exchanges.pop(exchange, None)
        if hold is not None:
            hold.drop()

    def _closed(self) -> None:
        self._is_done = True
        for hold in self._exchanges.values():
            hold.drop()

    def _rearm(self, deadline: float | None) -> None:
        self._deadline = deadline

    def _exchange(self, output: Open, hold: Hold) -> None:
        """One exchange: at most one head, the chunks of the body, then its end or its failure."""
        exchange = output.exchange
        feed = ExchangeFeed(self.post, self._machine, exchange)
        try:
            self._http.carry(self._dresser.request(output), feed, hold)
        except Exception as error:  # noqa: BLE001 - whatever was raised, the exchange has failed
            end = self._failed(exchange, error, self._http.is_unsent)
        else:
            end = partial(self._machine.end, exchange=exchange)
        self.post(partial(self._finish, exchange, end))

    def _finish(self, exchange: int, end: Mutate, now: float) -> None:
        self._exchanges.pop(exchange, None)
        end(now)


class Workers:
    """Threads for jobs that block: as many as there are jobs at once, each used again."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0
        self._threads: list[threading.Thread] = []

    def start(self, job: Callable[[], None]) -> None:
        """Runs a job at once. RuntimeError if the system has no more threads."""
        with self._lock:
            is_new = self._idle == 0
            if not is_new:
                self._idle -= 1
        if is_new:
            thread = threading.Thread(target=self._work, name="mcp-sansio exchange", daemon=True)
            thread.start()
            self._threads.append(thread)
        self._jobs.put(job)

    def end(self, patience: float) -> None:
        """Ends the threads, and waits so many seconds for them."""
        for _ in self._threads:
            self._jobs.put(None)
        until = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0))

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            with self._lock:
                self._idle += 1
