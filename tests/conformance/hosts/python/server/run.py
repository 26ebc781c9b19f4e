"""Running the steps of an item, for a request or as a task."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from mcp_sansio import PeerError
from pydantic import JsonValue

import errors
import step
from asking import Open
from capabilities import Capabilities
from model import JsonObject
from scope import Scope
from step import Question, Step


class Side(Protocol):
    """Whom steps run for."""

    def log(self, level: step.Level, params: JsonObject) -> None:
        """Write a line into the client's log, if it wants one of this level."""

    def progress(self, progress: float, total: float | None, message: str | None) -> None:
        """Tell the client how far it is."""

    def release(self, retry: float | None) -> None:
        """End the connection, not the request; the client is to come back after `retry` seconds."""

    async def ask(self, questions: Sequence[Open], answers: JsonObject) -> JsonObject | None:
        """Ask the client, and put what it answers into `answers`. A result, if that is how to ask it."""


class Run:
    """Steps that run, with what their texts can name, and with what the client could do when it made its request."""

    def __init__(self, announce: Callable[[str, JsonObject | None], None], scope: Scope, can: Capabilities) -> None:
        self._announce = announce
        self._scope = scope
        self._can = can

    async def steps(self, steps: Sequence[Step], side: Side) -> JsonObject | None:
        """Run the steps; None if they come to their end without a result."""
        scope = self._scope
        for one in steps:
            result = None
            match one:
                case step.Answer(answer=answer):
                    result = scope.members(answer)
                case step.Ask(ask=questions):
                    result = await self._ask(questions, side)
                case step.AskAny(ask_any=questions):
                    able = {name: of for name, of in questions.items() if self._can.can_answer(of.method)}
                    result = await self._ask(able, side)
                case step.Error(error=failure):
                    raise PeerError(failure.code, scope.text(failure.message))
                case step.Wait(wait=step.Milliseconds(ms=value)):
                    await asyncio.sleep(time(scope.fill(value)) / 1000)
                case step.Wait(wait=step.Seconds(seconds=value)):
                    await asyncio.sleep(time(scope.fill(value)))
                case _:
                    self._do(one, side)
            if result is not None:
                return result
        return None

    def _do(self, one: Step, side: Side) -> None:
        """Do a step that is done at once, and after which there is always another."""
        scope = self._scope
        match one:
            case step.Announce(announce=message):
                self._announce(message.method, None if message.params is None else scope.members(message.params))
            case step.Log(log=line):
                logger: JsonObject = {} if line.logger is None else {"logger": line.logger}
                side.log(line.level, {"level": line.level, **logger, "data": scope.fill(line.data)})
            case step.Need(need=needed):
                self._can.need(needed)
            case step.Progress(progress=far):
                side.progress(far.progress, far.total, None if far.message is None else scope.text(far.message))
            case step.Release(release=retry):
                side.release(None if retry.retry_ms is None else retry.retry_ms / 1000)
            case _:
                pass  # What is after `task` became a task before, if it could.

    async def _ask(self, questions: Mapping[str, Question], side: Side) -> JsonObject | None:
        """Ask the client what it has not answered yet."""
        answers = self._scope.answers
        asked = [
            Open(name, question.method, self._scope.members(question.params))
            for name, question in questions.items()
            if name not in answers
        ]
        return await side.ask(asked, answers) if asked else None


def time(value: JsonValue) -> float:
    """A number that can be waited for."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise errors.invalid_params(f"{value!r} is no time to wait")
    return value
