"""The application's own code, run on threads: its handler of the server's requests, its authorizer, its readers."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from .answers import FAILED, answer_of, answer_to, not_authorized, request_of, unsupported
from .inbox import Inbox, Room

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TypeAlias

    from typing_extensions import Self

    from mcp_sansio import RpcError
    from mcp_sansio.client import Client, Request, Unauthorized

    from .messages import ServerRequest, SubscriptionEvent
    from .step import Mutate

    Handler: TypeAlias = Callable[[ServerRequest], object]

T = TypeVar("T")


class Authorizer(Protocol):
    """As `mcp_sansio.Authorizer`, on threads. Both methods are called from threads of the client."""

    def credentials(self) -> str | None:
        """The value of the `authorization` header, such as `Bearer 123`; `None` sends none. It does not wait."""
        ...

    def authorize(self, refused: Unauthorized) -> bool:
        """Gets new credentials, and says whether there are any. It may take its time."""
        ...


class Threads:
    """The staff of a blocking client: a thread for each request and each question.

    A thread cannot be cancelled: what nobody waits for any more runs on, and its answer is ignored.
    """

    def __init__(
        self,
        machine: Client,
        post: Callable[[Mutate], None],
        handler: Handler | None,
        authorizer: Authorizer | None,
    ) -> None:
        self._machine = machine
        self._post = post
        self._handler = handler
        self._authorizer = authorizer
        self._questions = 0

    def handle(self, request: Request) -> None:
        """See `Staff`. Whatever becomes of the handler, the request is answered."""
        if self._handler is None:
            self._respond(request, unsupported(request))
        else:
            _start(self._handle, self._handler, request)

    def withdraw(self, id: int) -> None:
        """See `Staff`."""

    def ask(self, refused: Unauthorized) -> None:
        """See `Staff`."""
        self._questions += 1
        if self._authorizer is None:
            self._post(lambda now: self._machine.authorize(now, False))
        else:
            _start(self._ask, self._authorizer, refused, self._questions)

    def dismiss(self) -> None:
        """See `Staff`."""

    def _handle(self, handler: Handler, request: Request) -> None:
        answer: str | RpcError = FAILED
        try:
            answer = answer_of(handler(request_of(request)))
        except Exception as error:  # noqa: BLE001 - the application's own
            answer = answer_to(request, error)
        finally:
            self._respond(request, answer)

    def _respond(self, request: Request, answer: str | RpcError) -> None:
        self._post(lambda now: self._machine.respond(now, request.id, answer))

    def _ask(self, authorizer: Authorizer, refused: Unauthorized, question: int) -> None:
        is_granted = False
        try:
            is_granted = bool(authorizer.authorize(refused))
        except Exception as error:  # noqa: BLE001 - the application's own
            is_granted = not_authorized(error)
        finally:
            self._post(lambda now: self._authorize(now, question, is_granted))

    def _authorize(self, now: float, question: int, is_granted: bool) -> None:
        # An answer to an earlier question is none to this.
        if question == self._questions:
            self._machine.authorize(now, is_granted)


class PostedRoom(Room):
    """A room that the owner of the machine alone counts, whoever reads."""

    def __init__(self, tell: Callable[[bool], None], post: Callable[[Mutate], None]) -> None:
        super().__init__(tell)
        self._post = post

    def give_back(self, count: int) -> None:
        """See `Room`."""
        self._post(lambda _: super(PostedRoom, self).give_back(count))


class ThreadReader(Inbox[T]):
    """An inbox that threads read."""

    def __init__(self, room: Room | None) -> None:
        self._news = threading.Condition()
        super().__init__(room, self._news)

    def get(self, timeout: float | None = None) -> T | None:
        """The next; `None` when no more can come. TimeoutError after so many seconds without."""
        with self._news:
            if not self._news.wait_for(lambda: self._items or self.is_ended, timeout):
                raise TimeoutError("no message came in time")
            return self.take()

    def _wake(self) -> None:
        self._news.notify_all()


class Messages(Generic[T]):
    """Messages in the order in which they came, as an iterator that waits for each.

    Read it to its end, or close it: `with` does.
    """

    def __init__(self, inbox: ThreadReader[T]) -> None:
        self._inbox = inbox

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        item = self._inbox.get()
        if item is None:
            raise StopIteration
        return item

    def get(self, timeout: float | None = None) -> T | None:
        """The next; `None` when no more can come. TimeoutError if none comes within so many seconds."""
        return self._inbox.get(timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nobody reads it any more: what is unread takes no room from others."""
        self._inbox.desert()

    def __del__(self) -> None:
        self._inbox.desert()


class Subscription(Messages["SubscriptionEvent"]):
    """What changes at the server, as an iterator: `Opened`, `Notification`s, `Gap`s, and at last `Ended`.

    Closing it ends the subscription.
    """

    def __init__(self, inbox: ThreadReader[SubscriptionEvent], unlisten: Callable[[], None]) -> None:
        super().__init__(inbox)
        self._unlisten = unlisten

    def close(self) -> None:
        """Ends the subscription."""
        super().close()
        self._unlisten()


def _start(work: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=work, args=arguments, name="mcp-sansio application", daemon=True).start()
