"""What the machine has for the application, brought to whoever it is for."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from mcp_sansio import RpcError, server
from mcp_sansio._errors import CallFailed, PeerError

from ._asking import Asking
from ._engine import Engine
from ._request import INTERNAL_ERROR, Duty, InputRequired, Request
from ._session import Inbox, Session

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import TextIO

log = logging.getLogger("mcp_sansio.asgi")

RequestHandler: TypeAlias = "Callable[[Request], Awaitable[object]]"
SessionHandler: TypeAlias = "Callable[[Session], Awaitable[object]]"
Event: TypeAlias = "Session | server.SessionEnded | server.Notification | server.Notice"


class Desk:
    """Hands what comes from one machine to the application's handlers."""

    def __init__(
        self,
        machine: server.Server,
        requests: RequestHandler | None,
        sessions: SessionHandler | None,
        *,
        spawn: Callable[[Callable[[], Coroutine[Any, Any, object]]], None],
        tell: Callable[[Event], None],
        cancels: bool,
        record: TextIO | None,
    ) -> None:
        self.engine = Engine(machine, self._deliver, record=record)
        self.asking = Asking(self.engine)
        self.sessions: dict[int, Session] = {}
        self.spawn = spawn
        self._duties: dict[int, Duty] = {}
        self._inboxes: dict[int, Inbox] = {}
        self._handle_request = requests
        self._handle_session = sessions
        self._tell = tell
        self._cancels = cancels

    async def handle(self, request: Request, handler: RequestHandler) -> None:
        """Runs the handler of a request, and answers with what comes of it."""
        machine, duty = self.engine.machine, self._duties.get(request.id)
        if duty is None or not self.engine.step(lambda now: machine.take(now, request.id)):
            return
        try:
            with duty.handler:
                request.respond(await handler(request))
        except InputRequired as question:
            request.respond(question.result)
        except PeerError as error:
            request.fail(error.code, error.message, error.data)
        except CallFailed as failed:
            error = failed.failure.to_rpc_error()
            request.fail(error.code, error.message)
        except Exception:
            log.exception("the handler of %r failed; its client got %d", request, INTERNAL_ERROR)
            request.fail(INTERNAL_ERROR, "the server's handler of this request failed")
        finally:
            if duty.is_owed:
                # Cancelled, but not by its client.
                self._unanswered(request.id, request.method)

    def hand_out(self, request: Request) -> None:
        """A session's own loop takes a request, and promises to answer it."""
        machine, duty = self.engine.machine, self._duties.get(request.id)
        if duty is not None:
            duty.is_handed_out = True
        self.engine.step(lambda now: machine.take(now, request.id))

    def answered(self, this: int) -> None:
        """Nothing is owed any more."""
        duty = self._duties.pop(this, None)
        if duty is not None:
            duty.is_owed = False

    def dropped(self, id: int, method: str) -> None:
        """A request was dropped without an answer: told by a finalizer, in the midst of anything."""
        self.engine.soon(partial(self._unanswered, id, method))

    def unwritable(self, request: Request, error: Exception) -> None:
        """The result of a request cannot be sent."""
        log.error("the result of %r cannot be written as JSON (%s); its client got %d", request, error, INTERNAL_ERROR)

    def _deliver(self, event: server.Event) -> None:
        match event:
            case server.Request():
                self._hand_over(event)
            case server.Withdrawn():
                self._withdraw(event)
            case server.Settled():
                self.asking.settle(event)
            case server.Progress():
                self.asking.progress(event)
            case server.SessionStarted():
                self._begin(event)
            case server.SessionEnded():
                self.sessions.pop(event.session, None)
                inbox = self._inboxes.pop(event.session, None)
                if inbox is not None:
                    inbox.close(event.reason)
                self._tell(event)
            case server.Notification():
                self._tell(event)
            case server.Notice():
                _log_notice(event)
                self._tell(event)
            case _:
                pass

    def _hand_over(self, event: server.Request) -> None:
        """A request goes to the handler of its session, or to a task of its own."""
        session = None if event.session is None else self.sessions.get(event.session)
        duty = self._duties[event.id] = Duty(event.session)
        request = Request(self, event, duty, session, self.engine.scope(event.exchange) or {})
        if session is not None and self._handle_session is not None:
            self._inboxes[session.id].put(request)
        elif self._handle_request is not None:
            self.spawn(partial(self.handle, request, self._handle_request))
        else:
            request.fail(INTERNAL_ERROR, "the request belongs to no session")

    def _withdraw(self, event: server.Withdrawn) -> None:
        duty = self._duties.pop(event.id, None)
        if duty is None:
            return
        inbox = None if duty.session is None else self._inboxes.get(duty.session)
        if inbox is not None:
            inbox.remove(event.id)
        duty.withdraw(event.why)
        if self._cancels:
            duty.handler.cancel()

    def _begin(self, event: server.SessionStarted) -> None:
        inbox = self._inboxes[event.session] = Inbox()
        session = self.sessions[event.session] = Session(self, event, inbox, self.engine.scope(event.exchange) or {})
        if self._handle_session is not None:
            self.spawn(partial(self._host, session, inbox, self._handle_session))
        self._tell(session)

    async def _host(self, session: Session, inbox: Inbox, handler: SessionHandler) -> None:
        """Runs the handler of a session. However it ends, its session ends with it."""
        reason: server.EndReason = "handler_failed"
        try:
            await handler(session)
            reason = "handler_returned"
            if session.is_alive:
                log.error(
                    "the handler of %r returned while its client was still there; the session was ended, and %d "
                    "unread requests were answered with an error. Let it end with `await session.run(handler)`, or "
                    "with `async for request in session`",
                    session,
                    len(inbox.waiting),
                )
        except Exception:
            log.exception("the handler of %r failed; the session was ended", session)
        finally:
            session.end(reason)

    def _unanswered(self, id: int, method: str) -> None:
        log.error(
            "a request (%r) was dropped without an answer; its client got %d. Answer it by `respond` or `fail` on "
            "every path, or let `session.run(handler)` do it",
            method,
            INTERNAL_ERROR,
        )
        self.answered(id)
        error = RpcError(INTERNAL_ERROR, "the server's handler of this request ended without an answer")
        self.engine.step(lambda now: self.engine.machine.respond(now, id, error))


def _log_notice(notice: server.Notice) -> None:
    if notice.kind == "not_taken":
        hint = "Call `await session.run(handler)`, or `async for request in session`"
        log.error("no session handler reads: %s. %s (session %s)", notice.detail, hint, notice.session)
    else:
        level = logging.WARNING if notice.kind in {"dropped", "ignored"} else logging.DEBUG
        log.log(level, "%s: %s (session %s)", notice.kind, notice.detail, notice.session)
