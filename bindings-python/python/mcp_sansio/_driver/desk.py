"""Who waits for what: where the machine's events go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from mcp_sansio.client import (
    Closed,
    ListenEnded,
    ListenGap,
    ListenOpened,
    Notice,
    Progress,
    Request,
    SessionChanged,
    Settled,
    Unauthorized,
    Withdrawn,
)
from mcp_sansio.client import Notification as Notified

from .messages import Ended, Event, Gap, Notification, Opened, RecordingEnded, SubscriptionEvent, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from mcp_sansio.client import Client
    from mcp_sansio.client import Event as MachineEvent

    from .inbox import Inbox
    from .step import Mutate

CallInbox: TypeAlias = "Inbox[Progress | Settled]"
Step: TypeAlias = "Callable[[Mutate], object]"
"""Takes a step of the machine."""


class Staff(Protocol):
    """Who does for the machine what the application's own code has to do. Nothing of it is waited for."""

    def handle(self, request: Request) -> None:
        """Has the application's handler answer a request of the server."""
        ...

    def withdraw(self, id: int) -> None:
        """Nobody waits for that answer any more."""
        ...

    def ask(self, refused: Unauthorized) -> None:
        """Has the application's authorizer get new credentials. An earlier question is void."""
        ...

    def dismiss(self) -> None:
        """Nothing is to be done any more."""
        ...


class Desk:
    """Brings what the machine says to whoever waits for it. Touched by the owner of the machine only."""

    def __init__(self, machine: Client, step: Step, staff: Staff, record: TextIO | None) -> None:
        self._machine = machine
        self._step = step
        self._staff = staff
        self._record_to = record
        self._calls: dict[int, CallInbox] = {}
        self._subscriptions: dict[int, Inbox[SubscriptionEvent]] = {}
        self._notifications: Inbox[Notification] | None = None
        self._events: Inbox[Event] | None = None
        self._is_closed = False

    def connect(self, now: float, inbox: CallInbox) -> int:
        """Connects; the handshake's result comes as that of a call."""
        call = self._machine.connect(now)
        self._calls[call] = inbox
        return call

    def call(self, now: float, inbox: CallInbox, method: str, params: str | None, options: dict[str, Any]) -> int:
        """Begins a call. Whoever waits for it is known before anything can come of it."""
        call = self._machine.call(now, method, params, **options)
        self._calls[call] = inbox
        return call

    def abandon(self, now: float, call: int) -> None:
        """Nobody waits for this call any more: cancels it, unless it has settled."""
        inbox = self._calls.pop(call, None)
        if inbox is not None:
            self._machine.cancel(now, call)
            inbox.desert()

    def listen(self, now: float, inbox: Inbox[SubscriptionEvent], params: str) -> int:
        """Begins a subscription."""
        listen = self._machine.listen(now, params)
        self._subscriptions[listen] = inbox
        return listen

    def unlisten(self, now: float, listen: int) -> None:
        """Ends a subscription that nobody reads any more."""
        if self._subscriptions.pop(listen, None) is not None:
            self._machine.unlisten(now, listen)

    def read_notifications(self, inbox: Inbox[Notification]) -> None:
        """Notifications go there from now on; an older reader finds its end."""
        if self._notifications is not None:
            self._notifications.end()
        self._notifications = inbox
        if self._is_closed:
            inbox.end()

    def read_events(self, inbox: Inbox[Event]) -> None:
        """Events go there from now on; an older reader finds its end."""
        if self._events is not None:
            self._events.end()
        self._events = inbox
        if self._is_closed:
            inbox.end()

    def deliver(self, event: MachineEvent) -> None:
        """Brings one event to where it belongs. What nobody waits for is dropped."""
        match event:
            case Settled():
                self._settled(event)
            case Progress(call=call) if call in self._calls:
                self._calls[call].put(event)
            case Notified():
                self._notified(event)
            case ListenOpened() | ListenGap() | ListenEnded():
                self._listening(event)
            case Request():
                self._staff.handle(event)
            case Withdrawn():
                self._staff.withdraw(event.id)
            case Unauthorized():
                self._staff.ask(event)
            case Notice() | SessionChanged():
                self._tell(event)
            case Closed():
                self.end()
            case _:
                pass

    def end(self) -> None:
        """Nothing comes any more."""
        self._is_closed = True
        boxes = (*self._calls.values(), *self._subscriptions.values(), self._notifications, self._events)
        for inbox in boxes:
            if inbox is not None:
                inbox.end()
        self._calls.clear()
        self._subscriptions.clear()
        self._staff.dismiss()

    def write(self, lines: list[str]) -> None:
        """Writes lines of the machine's record, as long as that works."""
        if self._record_to is None or not lines:
            return
        try:
            self._record_to.write("\n".join(lines) + "\n")
        except (OSError, ValueError) as error:
            self._record_to = None
            self._tell(RecordingEnded(str(error)))

    def _settled(self, event: Settled) -> None:
        inbox = self._calls.pop(event.call, None)
        if inbox is not None:
            inbox.put(event, takes_room=False)
            inbox.end()

    def _notified(self, event: Notified) -> None:
        notification = Notification(event.method, event.params)
        if event.listen is None:
            if self._notifications is not None:
                self._notifications.put(notification)
            return
        listen = event.listen
        inbox = self._subscriptions.get(listen)
        if inbox is not None:
            if inbox.is_deserted:
                self._step(lambda now: self.unlisten(now, listen))
            inbox.put(notification)

    def _listening(self, event: ListenOpened | ListenGap | ListenEnded) -> None:
        inbox = self._subscriptions.get(event.listen)
        if inbox is None:
            return
        match event:
            case ListenOpened(filter=filter):
                inbox.put(Opened(filter), takes_room=False)
            case ListenGap():
                # One gap after another, with nothing said in between, is one gap: a reader that never comes cannot
                # make the queue grow.
                inbox.replace_last(Gap(), lambda before, last: isinstance(before, Gap) and isinstance(last, Opened))
            case ListenEnded(outcome=outcome):
                inbox.put(Ended(outcome_of(outcome)), takes_room=False)
                inbox.end()
                del self._subscriptions[event.listen]

    def _tell(self, event: Event) -> None:
        if self._events is not None:
            self._events.put(event)
