"""Tasks: what a request begins and its client looks after later, by the extension `io.modelcontextprotocol/tasks`."""

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timezone

from mcp_sansio import PeerError
from pydantic import JsonValue

import capabilities
import errors
from asking import Open
from capabilities import Capabilities
from fixture import TaskTerms
from model import JsonObject
from step import Level

#: The most tasks at a time; for one more there is no room.
MOST = 10_000


class Task:
    """A task, from its beginning to its end."""

    def __init__(self, terms: TaskTerms, can: Capabilities, tell: Callable[["Task"], None]) -> None:
        # Nobody guesses it: whoever knows it may ask for the task.
        self.id = secrets.token_urlsafe(16)
        self._terms = terms
        self._can = can
        self._tell = tell
        self._began = time.monotonic()
        self._created = self._updated = now()
        self._status = "working"
        #: What it came to, as its description names it.
        self._end: JsonObject = {}
        self._open: dict[str, Open] = {}
        self._answers: JsonObject = {}
        self._answered = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    def begin(self, steps: Coroutine[None, None, JsonObject | None]) -> None:
        """Do the task's work from now on."""
        self._work = asyncio.create_task(self._run(steps))

    def is_over_time(self) -> bool:
        """Whether its time is over, and nobody may ask for it any more."""
        return time.monotonic() - self._began > self._terms.ttl_ms / 1000

    def answer(self, answers: JsonObject) -> bool:
        """Take answers of the client to what is open; gives whether there were any.

        Others say nothing, as late ones do.
        """
        taken = [question for name, question in self._open.items() if question.is_answered_by(answers.get(name))]
        for question in taken:
            self._answers[question.name] = answers[question.name]
            del self._open[question.name]
        if taken:
            self._updated = now()
        if taken and not self._open:
            self._status = "working"
            self._answered.set()
        return bool(taken)

    def cancel(self) -> bool:
        """End the task and its work; gives whether it had not ended before."""
        was_running = self._turn("cancelled")
        if was_running and self._work is not None:
            self._work.cancel()
        return was_running

    def created(self) -> JsonObject:
        """What the client is answered when the task begins."""
        return {**self._summary(), "resultType": "task"}

    def detailed(self) -> JsonObject:
        """All that there is to say of the task."""
        if self._status == "input_required":
            return {
                **self._summary(),
                "inputRequests": {name: of.request() for name, of in self._open.items()},
            }
        return {**self._summary(), **self._end}

    def log(self, level: Level, params: JsonObject) -> None:
        """Do nothing: tasks have no log."""

    def progress(self, progress: float, total: float | None, message: str | None) -> None:
        """Do nothing: nor do they tell their progress."""

    def release(self, retry: float | None) -> None:
        """Do nothing: nor have they a connection."""

    async def ask(self, questions: Sequence[Open], answers: JsonObject) -> JsonObject | None:
        """Ask the client by the task's description, and wait for all answers."""
        self._can.need(capabilities.for_questions(question.method for question in questions))
        self._open = {question.name: question for question in questions}
        self._answered.clear()
        self._turn("input_required")
        self._tell(self)
        await self._answered.wait()
        answers.update(self._answers)
        return None

    async def _run(self, steps: Coroutine[None, None, JsonObject | None]) -> None:
        try:
            result = await steps
        except PeerError as error:
            self._turn("failed", {"error": {"code": error.code, "message": error.message}})
        else:
            self._turn("completed", {"result": {**(result or {}), "resultType": "complete"}})
        self._tell(self)

    def _turn(self, status: str, end: JsonObject | None = None) -> bool:
        """Change to another status. A task that has ended stays as it is."""
        goes_on = self._status in {"working", "input_required"}
        if goes_on:
            self._status, self._updated, self._end = status, now(), end or {}
        return goes_on

    def _summary(self) -> JsonObject:
        return {
            "taskId": self.id,
            "status": self._status,
            "createdAt": self._created,
            "lastUpdatedAt": self._updated,
            "ttlMs": self._terms.ttl_ms,
            "pollIntervalMs": self._terms.poll_interval_ms,
        }


class Tasks:
    """The tasks that there are, by their ids."""

    def __init__(self, terms: TaskTerms, tell: Callable[[Task], None]) -> None:
        self._terms = terms
        self._tell = tell
        self._tasks: dict[str, Task] = {}

    def create(self, can: Capabilities) -> Task:
        """A new task, which can be found from now on, of a client that can do this."""
        for task in [task for task in self._tasks.values() if task.is_over_time()]:
            del self._tasks[task.id]
            task.cancel()
        if len(self._tasks) >= MOST:
            raise errors.internal(f"there are {MOST} tasks, and no room for more")
        task = Task(self._terms, can, self._tell)
        self._tasks[task.id] = task
        return task

    def get(self, id: str) -> Task | None:
        """A task that has not outlived its time."""
        task = self._tasks.get(id)
        return None if task is None or task.is_over_time() else task


def now() -> JsonValue:
    """The time of day, as the protocol writes it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
