"""A request that steps run for."""

import asyncio
from collections.abc import Sequence

from mcp_sansio import CallFailed, PeerError
from mcp_sansio.asgi import Request

import errors
from asking import Open
from log import LogLevel
from model import JsonObject
from rounds import Round, Seal
from step import Level


class Call:
    """A request, with what its session wants to hear of, and what its round brought."""

    def __init__(self, request: Request, log: LogLevel | None, seal: Seal) -> None:
        self.request = request
        self.level = log
        self._seal = seal
        self._round = Round()

    def answered(self) -> JsonObject:
        """Begin the round: what the client answered in those before."""
        self._round = Round.of(self.request)
        return self._seal.answered(self.request, self._round)

    def log(self, level: Level, params: JsonObject) -> None:
        """Write a line, if the session wants it; since 2026-07-28 the request itself says what it wants."""
        if self.level is None or self.level.wants(level):
            self.request.notify("notifications/message", params)

    def progress(self, progress: float, total: float | None, message: str | None) -> None:
        """Tell how far it is, if the request has a progress token."""
        self.request.progress(progress, total, message)

    def release(self, retry: float | None) -> None:
        """End the connection, where a client can come back."""
        self.request.release_connection(retry)

    async def ask(self, questions: Sequence[Open], answers: JsonObject) -> JsonObject | None:
        """Ask on the stream of the request in a session, else by the result."""
        if self.request.session is not None:
            # All at once. What the client can do is up to the client, and the first that fails ends it.
            asked = await asyncio.gather(*map(self._ask, questions))
            answers.update(zip((question.name for question in questions), asked, strict=True))
            return None
        responses = self._round.input_responses
        missing: JsonObject = {}
        for question in questions:
            answer = responses.get(question.name)
            if question.is_answered_by(answer):
                answers[question.name] = answer
            else:
                missing[question.name] = question.request()
        return self._seal.ask(self.request, missing, answers) if missing else None

    async def _ask(self, question: Open) -> JsonObject:
        try:
            answer = await self.request.ask(question.method, question.params)
        except (CallFailed, PeerError) as error:
            raise errors.internal(f"the client was asked for {question.name}: {error}") from error
        if not question.is_answered_by(answer):
            raise errors.internal(f"the client was asked for {question.name}: {answer} is no answer")
        return answer
