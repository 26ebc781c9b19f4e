"""The client under test, by whichever driver: one interface, so that each scenario is written once."""

from __future__ import annotations

import inspect
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import mcp_sansio
import mcp_sansio.sync
from anyio.from_thread import start_blocking_portal
from client_program import PATIENCE
from mcp_sansio import Failure, Identity, Outcome, Result, RpcError, ServerRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from anyio.from_thread import BlockingPortal

Driver: TypeAlias = Literal["asyncio", "trio", "threads"]
DRIVERS: tuple[Driver, ...] = ("asyncio", "trio", "threads")

# Reconnects follow quickly; what is not the point has time enough on any machine.
TIMING: dict[str, Any] = {"handshake": 20.0, "idle": 20.0, "max": 25.0, "backoff": (0.05, 1.0), "close": 0.5}


class Stage:
    """A connected client."""

    def __init__(self, start: Callable[..., Future[Any]], client: Any) -> None:
        self._start = start
        self.client = client
        self.calls = 0

    def start(self, tool: str, **options: Any) -> Started:
        """Starts a call of a tool that says what it is told."""
        self.calls += 1
        text = f"call {self.calls}"
        params = {"name": tool, "arguments": {"text": text}}
        return Started(text, self._start(self.client.outcome, "tools/call", params, **options))

    def call(self, tool: str, **options: Any) -> Started:
        """Calls a tool, and sees the call settle."""
        started = self.start(tool, **options)
        started.outcome()
        return started

    def listen(self, filter: dict[str, Any] | None = None) -> Any:
        """Subscribes to the changes of the list of tools."""
        return self.do(self.client.listen, filter or {"toolsListChanged": True})

    def close(self) -> None:
        """Closes the client before its context does."""
        self.do(getattr(self.client, "aclose", None) or self.client.close)

    def do(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Runs a method of the client to its end."""
        return self._start(function, *arguments, **options).result(PATIENCE)

    def next(self, messages: Any) -> Any:
        """The next message of an iterator; None at its end."""
        try:
            return self.do(messages.__anext__ if hasattr(messages, "__anext__") else messages.__next__)
        except (StopIteration, StopAsyncIteration):
            return None

    def settled(self) -> None:
        """Nothing is held of any call."""
        assert self.client.inspect().calls == []


class Started:
    """A call that was started."""

    def __init__(self, text: str, future: Future[Outcome]) -> None:
        self._text = text
        self._future = future

    def outcome(self) -> Outcome:
        """The outcome, in bounded time."""
        return self._future.result(PATIENCE)

    def came_to_result(self) -> None:
        """It must be the answer to this very call."""
        outcome = self.outcome()
        assert isinstance(outcome, Result), str(outcome)
        assert outcome.value["content"][0]["text"] == self._text

    def came_to_error(self) -> RpcError:
        """It must be the server's error."""
        outcome = self.outcome()
        assert isinstance(outcome, RpcError), str(outcome)
        return outcome

    def failed(self, kind: str, execution: str) -> Failure:
        """It must be a failure of this kind, with its story."""
        outcome = self.outcome()
        assert isinstance(outcome, Failure), str(outcome)
        assert (outcome.kind, outcome.execution) == (kind, execution), str(outcome)
        assert outcome.story.lines
        return outcome


@contextmanager
def stage(driver: Driver, url: str, **settings: Any) -> Generator[Stage]:
    """A client of this driver, connected with settings for impatient people."""
    settings["timing"] = {**TIMING, **settings.get("timing", {})}
    settings.setdefault("identity", Identity("tests", "1.0", capabilities={"elicitation": {}}))
    settings.setdefault("on_request", agree)
    with ExitStack() as stack:
        if driver == "threads":
            client = stack.enter_context(mcp_sansio.sync.connect(url, **settings))
            pool = stack.enter_context(ThreadPoolExecutor(max_workers=50))
            yield Stage(pool.submit, client)
        else:
            portal: BlockingPortal = stack.enter_context(start_blocking_portal(driver))
            handler = settings.pop("on_request")

            async def on_request(request: ServerRequest) -> object:
                answer = handler(request)
                return await answer if inspect.isawaitable(answer) else answer

            context = mcp_sansio.connect(url, on_request=on_request, **settings)
            client = stack.enter_context(portal.wrap_async_context_manager(context))

            def start(function: Callable[..., Any], *arguments: Any, **options: Any) -> Future[Any]:
                async def run() -> Any:
                    result = function(*arguments, **options)
                    return await result if inspect.isawaitable(result) else result

                return portal.start_task_soon(run)

            yield Stage(start, client)


def agree(_: ServerRequest) -> object:
    """Answers every question at once."""
    return {"action": "accept", "content": {"sure": True}}


def elapsed(work: Callable[[], object]) -> float:
    """How many seconds this takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began
