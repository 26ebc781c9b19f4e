"""Questions of the application to its clients."""

from __future__ import annotations

import inspect
from collections import deque
from typing import TYPE_CHECKING

import anyio

from mcp_sansio._driver.messages import outcome_of, parsed, text_of, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mcp_sansio import Failure, RpcError
    from mcp_sansio._driver.messages import JsonObject
    from mcp_sansio.server import Progress, Settled

    from ._engine import Engine


class Asking:
    """The questions that are open."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: dict[int, _Question] = {}

    async def ask(
        self,
        method: str,
        params: Mapping[str, object] | None,
        *,
        progress: Callable[[JsonObject], object] | None,
        idle: float | None,
        max: float | None,
        request: int | None = None,
        session: int | None = None,
    ) -> JsonObject:
        """Asks whom `request` or `session` names, and returns the result."""
        if not self._engine.is_here():
            raise RuntimeError("a client is asked in the event loop that the server runs in")
        text, question = text_of(params), _Question()

        def call(now: float) -> int:
            this = self._engine.machine.call(
                now,
                method,
                text,
                progress=progress is not None,
                idle=idle,
                max=max,
                request=request,
                session=session,
            )
            # Before anything can come of it.
            self._open[this] = question
            return this

        this = self._engine.step(call)
        try:
            return value_of(outcome_of(await question.wait(progress)))
        finally:
            if self._open.pop(this, None) is not None:
                self._engine.step(lambda now: self._engine.machine.cancel(now, this))

    def progress(self, event: Progress) -> None:
        """Brings progress to who asked for it."""
        question = self._open.get(event.call)
        if question is not None:
            question.progress.append(event.params)
            question.news.set()

    def settle(self, event: Settled) -> None:
        """Brings an outcome; nobody waits for it if the question was cancelled."""
        question = self._open.pop(event.call, None)
        if question is not None:
            question.outcome = event.outcome
            question.news.set()


class _Question:
    def __init__(self) -> None:
        self.progress: deque[str] = deque()
        self.outcome: str | RpcError | Failure | None = None
        self.news = anyio.Event()

    async def wait(self, tell: Callable[[JsonObject], object] | None) -> str | RpcError | Failure:
        """Waits for the outcome, and tells of the progress before it."""
        while True:
            while self.progress and tell is not None:
                told = tell(parsed(self.progress.popleft()))
                if inspect.isawaitable(told):
                    await told
            if self.outcome is not None:
                return self.outcome
            await self.news.wait()
            self.news = anyio.Event()
