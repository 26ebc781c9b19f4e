"""The application's own code, run as tasks: its handler of the server's requests, and its authorizer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import anyio
import anyio.abc

from .answers import FAILED, answer_of, answer_to, not_authorized, request_of, unsupported

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from mcp_sansio import RpcError
    from mcp_sansio.client import Client, Request, Unauthorized

    from .desk import Step
    from .messages import ServerRequest

    Handler: TypeAlias = Callable[[ServerRequest], Awaitable[object]]


class Authorizer(Protocol):
    """Whoever has the credentials for a server, and knows how to get new ones."""

    def credentials(self) -> str | None:
        """The value of the `authorization` header, such as `Bearer 123`; `None` sends none.

        It is asked for as each request goes out, so it gives what is at hand and does not wait. Should it raise, the
        request is not sent.
        """
        ...

    async def authorize(self, refused: Unauthorized) -> bool:
        """Gets new credentials, because the server refused a request for want of them.

        `True`: from now on `credentials` gives them, and what waits is sent again. `False`, or an exception: there
        are none, and what was refused fails so. It is asked once for all calls that wait, as a task of its own, and
        is cancelled when the client closes or when it is to be asked anew.
        """
        ...


class Tasks:
    """The staff of an asynchronous client: a task for each request and each question."""

    def __init__(
        self,
        machine: Client,
        step: Step,
        group: anyio.abc.TaskGroup,
        handler: Handler | None,
        authorizer: Authorizer | None,
    ) -> None:
        self._machine = machine
        self._step = step
        self._group = group
        self._handler = handler
        self._authorizer = authorizer
        self._handling: dict[int, anyio.CancelScope] = {}
        self._asking: anyio.CancelScope | None = None

    def handle(self, request: Request) -> None:
        """See `Staff`. Whatever becomes of the handler, the request is answered."""
        if self._handler is None:
            self._step(lambda now: self._machine.respond(now, request.id, unsupported(request)))
        else:
            scope = self._handling[request.id] = anyio.CancelScope()
            self._group.start_soon(self._handle, self._handler, request, scope)

    def withdraw(self, id: int) -> None:
        """See `Staff`. The handler is cancelled, and its answer ignored."""
        scope = self._handling.pop(id, None)
        if scope is not None:
            scope.cancel()

    def ask(self, refused: Unauthorized) -> None:
        """See `Staff`."""
        if self._asking is not None:
            self._asking.cancel()
        if self._authorizer is None:
            self._step(lambda now: self._machine.authorize(now, False))
        else:
            self._asking = anyio.CancelScope()
            self._group.start_soon(self._ask, self._authorizer, refused, self._asking)

    def dismiss(self) -> None:
        """See `Staff`."""
        for scope in (*self._handling.values(), self._asking):
            if scope is not None:
                scope.cancel()

    async def _handle(self, handler: Handler, request: Request, scope: anyio.CancelScope) -> None:
        answer: str | RpcError = FAILED
        try:
            with scope:
                try:
                    answer = answer_of(await handler(request_of(request)))
                except Exception as error:  # noqa: BLE001 - the application's own
                    answer = answer_to(request, error)
        finally:
            self._handling.pop(request.id, None)
            self._step(lambda now: self._machine.respond(now, request.id, answer))

    async def _ask(self, authorizer: Authorizer, refused: Unauthorized, scope: anyio.CancelScope) -> None:
        is_granted = False
        try:
            with scope:
                try:
                    is_granted = await authorizer.authorize(refused)
                except Exception as error:  # noqa: BLE001 - the application's own
                    is_granted = not_authorized(error)
        finally:
            if self._asking is scope:
                self._asking = None
                self._step(lambda now: self._machine.authorize(now, bool(is_granted)))
