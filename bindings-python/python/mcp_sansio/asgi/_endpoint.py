"""An engine as an ASGI application: when it runs, and what it serves."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import anyio

from . import _signals

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine

    from anyio.abc import TaskGroup

    from mcp_sansio import Inspection

    from ._engine import Engine
    from ._types import Receive, Scope, Send


# What handlers may still take to clean up, in seconds, when the grace is used up.
_CLEAN_UP = 1.0


class Endpoint:
    """A server machine as an ASGI application.

    It runs with the HTTP server's lifespan; or within `running`, where another application has the lifespan; or, on
    asyncio, from its first request on. It can run again after it has ended, with a machine that is new.
    """

    def __init__(
        self,
        make: Callable[[], Engine],
        *,
        principal: Callable[[Scope], str | None] | None = None,
        grace: float = 10.0,
    ) -> None:
        self._make = make
        self._engine = make()
        self._principal = principal
        self._grace = grace
        self._tasks: TaskGroup | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._kept: asyncio.Event | None = None
        self._unwatch: Callable[[], None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves ASGI 3: HTTP and the lifespan. WebSockets are refused."""
        if scope["type"] == "http":
            await self._see_to_it_that_it_runs()
            principal = self._principal and self._principal(scope)
            await self._engine.serve(scope, receive, send, principal)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "MCP is spoken over HTTP here"})
        else:
            raise NotImplementedError(f"ASGI's {scope['type']!r} is not served here")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Runs the server, for as long as the block does: for the lifespan of the application that it is mounted in.

        At its end nothing new is taken, what is in flight gets the grace, and the rest an error. It can be entered
        again after that, but not twice at once: RuntimeError.
        """
        if self._tasks is not None:
            raise RuntimeError("the server runs already: enter `running()` once, and before the first request")
        if self._engine.is_down:
            self._engine = self._make()
        async with anyio.create_task_group() as tasks:
            await tasks.start(self._engine.run)
            self._tasks = tasks
            try:
                yield
                # Readers that do not read have no say in when the process ends.
                with anyio.move_on_after(self._grace + _CLEAN_UP):
                    await self.shut_down(self._grace)
            finally:
                self._tasks = None
                if self._unwatch is not None:
                    self._unwatch()
                    self._unwatch = None
                tasks.cancel_scope.deadline = anyio.current_time() + _CLEAN_UP

    async def shut_down(self, grace: float) -> None:
        """Takes nothing new (503), ends the standing streams, and gives requests in flight `grace` seconds.

        Then it answers the rest with an error. Returns when everything is answered, written and ended.
        """
        await self._engine.shut_down(grace)

    def inspect(self) -> Inspection:
        """Who waits for what, and why: every request with its story, every exchange."""
        return self._engine.machine.inspect()

    def _spawn(self, run: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Starts a task that lives at most as long as the server. It must not raise."""
        if self._tasks is not None:
            self._tasks.start_soon(_alone, run)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self.running():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _see_to_it_that_it_runs(self) -> None:
        is_here = self._engine.is_here()
        if self._tasks is None and not (is_here and self._engine.is_down):
            await self._run_lazily()
        elif not is_here:
            raise RuntimeError("the server runs in another event loop; make one for each")
        if self._unwatch is None and not self._engine.is_down:
            # Not before the first request: some HTTP servers look for signals only when the lifespan has begun.
            self._unwatch = _signals.watch(self._begin_shut_down)

    async def _run_lazily(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError(
                "the server does not run: without asyncio it needs the HTTP server's lifespan, or "
                "`async with app.running():` in the lifespan of the application that it is mounted in"
            ) from None
        if self._keeper is None or self._keeper.done():
            self._kept = asyncio.Event()
            self._keeper = loop.create_task(self._keep(self._kept))
        if self._kept is not None:
            await self._kept.wait()
        if self._tasks is None:
            raise RuntimeError("the server could not be started; the log has the reason")

    async def _keep(self, kept: asyncio.Event) -> None:
        """Runs the server until the event loop ends, which cancels all tasks."""
        try:
            async with self.running():
                kept.set()
                await anyio.sleep_forever()
        finally:
            kept.set()

    def _begin_shut_down(self) -> None:
        engine, grace = self._engine, self._grace
        engine.soon(lambda: engine.step(lambda now: engine.machine.shut_down(now, grace)))


async def _alone(run: Callable[[], Coroutine[Any, Any, object]]) -> None:
    # On asyncio a task that ends as cancelled takes its group with it, and any code can raise a CancelledError.
    with contextlib.suppress(anyio.get_cancelled_exc_class()):
        await run()
