"""A client's request, as the application sees it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio

from mcp_sansio import RpcError
from mcp_sansio._driver.messages import parsed, text_of
from mcp_sansio._errors import BadResult, PeerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mcp_sansio import server
    from mcp_sansio._driver.messages import JsonObject

    from ._desk import Desk
    from ._session import Session
    from ._types import Scope

INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603

# The first revision without sessions, in which clients are asked by a result.
_MODERN = "2026-07-28"


class Duty:
    """The duty to answer a request."""

    def __init__(self, session: int | None) -> None:
        self.session = session
        # Until the request is answered or withdrawn.
        self.is_owed = True
        # No handler's return answers it.
        self.is_handed_out = False
        self.handler = anyio.CancelScope()
        self.withdrawn: str | None = None
        self._is_withdrawn: anyio.Event | None = None

    def withdraw(self, why: str) -> None:
        """Nobody waits for the answer any more."""
        self.is_owed = False
        self.withdrawn = why
        if self._is_withdrawn is not None:
            self._is_withdrawn.set()

    async def wait(self) -> str:
        """Returns when nobody waits for the answer any more."""
        while self.withdrawn is None:
            self._is_withdrawn = self._is_withdrawn or anyio.Event()
            await self._is_withdrawn.wait()
        return self.withdrawn


class Request:
    """A client's request.

    It is answered by what its handler returns, or by `respond` or `fail` if it came out of a `Session`; there, one
    that is dropped is answered with -32603.

    Its attributes:
        id: its handle, as `App.inspect` names it; not its id on the wire.
        method: its JSON-RPC method, such as `tools/call`.
        version: the revision of the protocol that it is spoken in.
        session: the session that it belongs to; None without sessions.
        scope: the ASGI scope of the HTTP request that it came in, with whatever middleware and frameworks put there.
    """

    def __init__(self, desk: Desk, event: server.Request, duty: Duty, session: Session | None, scope: Scope) -> None:
        self.id = event.id
        self.method = event.method
        self.version = event.version
        self.session = session
        self.scope = scope
        self._desk = desk
        self._duty = duty
        self._text = event.params
        self._params: JsonObject | None = None

    @property
    def params(self) -> JsonObject:
        """Its `params`; empty without any.

        If they are no JSON object that Python can hold, it raises the PeerError (-32602) that answers the request.
        """
        if self._params is None:
            try:
                self._params = {} if self._text is None else parsed(self._text)
            except BadResult as error:
                raise PeerError(INVALID_PARAMS, f"params: {error}") from None
        return self._params

    @property
    def params_json(self) -> str | None:
        """The JSON text of its `params`, as the client sent it."""
        return self._text

    @property
    def client_info(self) -> JsonObject | None:
        """Who the client says that it is, if it does. Nobody has checked it: it is for people and logs."""
        return self._said("clientInfo")

    @property
    def client_capabilities(self) -> JsonObject | None:
        """What the client can do, if it says so; without a session, clients do since 2026-07-28."""
        return self._said("clientCapabilities" if self.session is None else "capabilities")

    def notify(self, method: str, params: Mapping[str, object] | None = None) -> None:
        """Sends a notification on the stream that answers this request.

        Nothing happens when the request is answered or withdrawn, or is answered as JSON only.
        """
        text, machine = text_of(params), self._desk.engine.machine
        self._desk.engine.step(lambda now: machine.notify(now, method, text, request=self.id))

    def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        """Tells the client how far the request is, if it asked to know."""
        token = self._meta().get("progressToken")
        if token is not None:
            step = {"progressToken": token, "progress": progress, "total": total, "message": message}
            self.notify("notifications/progress", {key: value for key, value in step.items() if value is not None})

    async def ask(
        self,
        method: str,
        params: Mapping[str, object] | None = None,
        *,
        progress: Callable[[JsonObject], object] | None = None,
        idle: float | None = None,
        max: float | None = None,
    ) -> JsonObject:
        """Asks the client, on the stream that answers this request, and returns the result.

        This is for sessions: since 2026-07-28 nobody can be asked so, and it fails at once. `input` is for both.
        `idle` and `max` are seconds; cancelling the task cancels the question. It raises PeerError if the answer is
        an error, CallFailed if there is none.
        """
        asking = self._desk.asking
        return await asking.ask(method, params, progress=progress, idle=idle, max=max, request=self.id)

    async def input(self, key: str, method: str, params: Mapping[str, object]) -> JsonObject:
        """Asks the client in the way of its era; `key` names the question within the request.

        In a session it waits, as `ask` does. Since 2026-07-28 the handler ends here at first: the client is asked by
        an `input_required` result, and makes its request again with the answer, upon which the handler runs from its
        start. So there is one question at a time, in `tools/call`, `prompts/get` and `resources/read`. Several at
        once, or a state that the client carries, are a result that the handler returns itself:
        `{"resultType": "input_required", "inputRequests": {..}, "requestState": ".."}`.

        An answer is the client's word: one may come that was never asked for. Errors are those of `ask`.

        >>> async def book(request: Request) -> dict[str, object]:
        ...     form = {"message": "How many?", "requestedSchema": {"type": "object", "properties": {}}}
        ...     answer = await request.input("seats", "elicitation/create", form)
        ...     return {"content": [{"type": "text", "text": str(answer)}]}
        """
        if self.version < _MODERN:
            return await self.ask(method, params)
        answers = self.params.get("inputResponses")
        if isinstance(answers, dict) and key in answers:
            return answers[key]  # pyright: ignore[reportUnknownVariableType]
        raise InputRequired(
            {"resultType": "input_required", "inputRequests": {key: {"method": method, "params": params}}}
        )

    def release_connection(self, retry: float | None = None) -> None:
        """Ends the connection, not the request.

        A client that can come back (2025-11-25) does so after `retry` seconds, and finds what it has missed. Others
        stay connected.
        """
        machine = self._desk.engine.machine
        self._desk.engine.step(lambda now: machine.release_connection(now, request=self.id, retry=retry))

    async def cancelled(self) -> str:
        """Returns when nobody waits for the answer any more, and says why: see `withdrawn`."""
        return await self._duty.wait()

    @property
    def withdrawn(self) -> str | None:
        """Why nobody waits for the answer any more; None while somebody does.

        It is `cancelled`, `gone`, `session_ended`, `not_taken` or `timed_out`. What is still answered is ignored.
        """
        return self._duty.withdrawn

    def respond(self, result: object = None) -> None:
        """Answers the request with a JSON value; None is the empty result. The first answer counts.

        What JSON cannot say is logged, and answered with -32603.
        """
        try:
            value: object = {} if result is None else result
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            answer = text.encode()
        except (TypeError, ValueError, RecursionError) as error:
            self._desk.unwritable(self, error)
            answer = RpcError(INTERNAL_ERROR, "the server could not write its result")
        self._answer(answer)

    def fail(self, code: int, message: str, data: object = None) -> None:
        """Answers the request with a JSON-RPC error. The first answer counts."""
        self._answer(PeerError(code, message, data).error)

    def _answer(self, answer: bytes | RpcError) -> None:
        self._desk.answered(self.id)
        machine = self._desk.engine.machine
        self._desk.engine.step(lambda now: machine.respond(now, self.id, answer))

    def _said(self, what: str) -> JsonObject | None:
        said: Any
        if self.session is not None:
            said = self.session.params.get(what)
        else:
            said = self._meta().get(f"io.modelcontextprotocol/{what}")
        return said if isinstance(said, dict) else None  # pyright: ignore[reportUnknownVariableType]

    def _meta(self) -> JsonObject:
        meta = self.params.get("_meta")
        return meta if isinstance(meta, dict) else {}  # pyright: ignore[reportUnknownVariableType]

    def __del__(self) -> None:
        if self._duty.is_handed_out and self._duty.is_owed:
            self._desk.dropped(self.id, self.method)

    def __repr__(self) -> str:
        return f"<Request {self.id} {self.method!r}>"


class InputRequired(BaseException):  # no Exception: a handler's own `except` is not meant
    """The handler ends with a question to the client."""

    def __init__(self, result: JsonObject) -> None:
        self.result = result
