"""The compiled half of the package."""

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias, final

from typing_extensions import Unpack

from mcp_sansio._settings import ClientSettings, ServerSettings
from mcp_sansio._words import (
    EndReason,
    Era,
    Execution,
    FailureKind,
    LifelineKind,
    NoticeKind,
    SessionChange,
    Version,
    Withdrawal,
)
from mcp_sansio.client import Output as _ClientOutput
from mcp_sansio.server import Output as _ServerOutput

__all__ = [
    "Abort",
    "Chunk",
    "Client",
    "ClientNotification",
    "ClientRequest",
    "Closed",
    "ConfigError",
    "End",
    "Failure",
    "Head",
    "Identity",
    "Inspection",
    "Known",
    "Lifeline",
    "Line",
    "ListenEnded",
    "ListenGap",
    "ListenOpened",
    "Message",
    "Notice",
    "Open",
    "Owed",
    "Progress",
    "Refusal",
    "RpcError",
    "Server",
    "ServerNotification",
    "ServerRequest",
    "SessionChanged",
    "SessionEnded",
    "SessionStarted",
    "Settled",
    "ShutDown",
    "Story",
    "Unauthorized",
    "Withdrawn",
]

_Headers: TypeAlias = Iterable[tuple[bytes | str, bytes | str]]
_Json: TypeAlias = str | bytes
_Object: TypeAlias = str | bytes | Mapping[str, object]
_Outcome: TypeAlias = str | RpcError | Failure

class ConfigError(ValueError):
    """A machine cannot be set up like this: which setting, what is wrong with it, what to write instead."""

@final
class Client:
    """The client side of MCP's HTTP transport, as a machine without I/O.

    It opens no socket, reads no clock and starts no thread. You perform what it says, tell it what came of that, and
    give it the time; so it runs under any event loop, or under none::

        client = Client("http://localhost:3000/mcp", Identity("my-agent", "1.0"))
        call = client.call(time.monotonic(), "tools/call", '{"name": "echo", "arguments": {}}')
        while True:
            outputs, deadline = client.drain()
            for output in outputs:
                match output:
                    case Open(exchange, method, url, headers, body):
                        start(exchange, method, url or URL, headers, body)  # an HTTP request; do not wait for it
                    case Abort(exchange):
                        stop(exchange)  # nothing that it brings is wanted
                    case Settled(settled, outcome) if settled == call:
                        return outcome  # JSON text of the result (str), the peer's RpcError, or a Failure
                    case _:
                        pass  # progress, notifications, requests of the server, notices: mcp_sansio.client has all
            for came in wait(until=deadline):  # your HTTP library; None is no deadline
                now = time.monotonic()
                match came:
                    case Response(exchange, status, headers):
                        client.head(now, exchange, status, headers)
                    case Bytes(exchange, data):
                        client.chunk(now, exchange, data)
                    case TheEnd(exchange):
                        client.end(now, exchange)
                    case Broken(exchange, error, sent):
                        client.failed(now, exchange, str(error), sent=sent)
            client.timeout(time.monotonic())  # early or often does no harm

    Every call settles exactly once, in bounded time, and the outcome says what happened.

    Time is float seconds from any origin that you choose; it never goes back. Handles (calls, exchanges, requests of
    the server, subscriptions) are ints of one sequence. Payloads are JSON text: ``str`` or ``bytes`` in, ``str`` out.

    What your loop has to do, and all that it has to do: mutate, drain, perform, in this order; one head, the chunks,
    then one ``end`` or ``failed`` for each exchange, which is read to its end unless it is aborted; ``timeout`` at the
    deadline of the last drain; no retries, redirects, decompression or total timeouts of your HTTP library's own;
    credentials are yours, and are added when a request is performed.

    Methods may be called from any thread; whoever drains keeps the order, so let it be one thread, or hold a lock
    around mutate, drain and perform. Only ConfigError (here) and TypeError are raised: whatever else is wrong
    with a call is its outcome, and what is too late or unknown is ignored.

    ``identity`` None: the host speaks the handshake itself. With ``relay=True`` it speaks JSON-RPC itself: then there
    are ``send`` and ``cancel_message``, and what is for it comes as Message. ``seed`` is 32 bytes of entropy, by
    default the system's. Settings: mcp_sansio.client.Settings; absent is the default.
    """

    def __new__(
        cls,
        url: str,
        identity: Identity | None = None,
        *,
        relay: bool = False,
        seed: bytes | None = None,
        **settings: Unpack[ClientSettings],
    ) -> Client: ...
    def connect(self, now: float) -> int:
        """Make a session, unless there is one. Nobody has to: the first call connects too.

        The handle settles like a call's, with the JSON text of the handshake's result.
        """
    def call(
        self,
        now: float,
        method: str,
        params: _Json | None = None,
        *,
        safe: bool = False,
        progress: bool = False,
        idle: float | None = None,
        max: float | None = None,
        headers: _Headers = (),
    ) -> int:
        """Hand over a request, and get its handle. It settles exactly once, at the latest at its hard maximum.

        ``params`` is the JSON text of an object. ``safe``: it may run twice without harm, so it may be sent again
        when a session is lost; the protocol's reading methods are safe without this. ``progress``: report it as
        Progress. ``idle`` (seconds without progress) and ``max`` (seconds in all) take the place of the settings.
        ``headers`` go with each of its HTTP requests; names that the protocol owns are ignored, with a Notice.
        """
    def listen(self, now: float, params: _Json) -> int:
        """Subscribe to what the server changes (2026-07-28, ``subscriptions/listen``), and get the handle.

        ``params`` is JSON text such as ``{"notifications":{"toolsListChanged":true}}``. What becomes of it is told by
        ListenOpened, ListenGap and, exactly once, ListenEnded; what the server says by Notification.
        """
    def unlisten(self, now: float, listen: int) -> None:
        """End a subscription. One that is over stays as it is."""
    def notify(self, now: float, method: str, params: _Json | None = None) -> None:
        """Send a notification. If anything goes wrong with it, a Notice says so."""
    def respond(self, now: float, id: int, answer: _Json | RpcError) -> None:
        """Answer a request of the server: with the JSON text of a result, or with an RpcError."""
    def cancel(self, now: float, call: int, reason: str | None = None) -> None:
        """Settle a call as ``cancelled``, and tell the server in the background. A settled call stays as it is."""
    def authorize(self, now: float, granted: bool) -> None:
        """Answer Unauthorized: there are new credentials, and what waits is sent once more; or there are none."""
    def close(self, now: float) -> None:
        """Settle every call as ``closed`` in this step, end the session, and be done: Closed comes in bounded time."""
    def send(
        self,
        now: float,
        message: _Json,
        *,
        safe: bool = False,
        idle: float | None = None,
        max: float | None = None,
        headers: _Headers = (),
    ) -> None:
        """Hand over a JSON-RPC message of the host's (``relay=True`` only).

        A request is answered exactly once, by a Message under its own id; the options are as for ``call``. A
        response answers a request of the server. What is no message is answered with an error.
        """
    def cancel_message(self, now: float, id: _Json) -> None:
        """Cancel the host's request with this id, which is raw JSON (``relay=True`` only).

        It is answered like all others, by an error.
        """
    def head(self, now: float, exchange: int, status: int, headers: _Headers) -> bool:
        """The head of a response has come.

        True: there is something to drain, or another deadline.
        """
    def chunk(self, now: float, exchange: int, data: bytes) -> bool:
        """Bytes of a response's body have come, split anywhere.

        True: there is something to drain, or another deadline.
        """
    def sse_event(
        self,
        now: float,
        exchange: int,
        event: str,
        data: str,
        id: str | None = None,
        retry: float | None = None,
    ) -> bool:
        """An event of a response has come; for hosts that decode SSE themselves.

        ``event`` is its type (empty: ``message``), ``data`` its lines joined by LF; ``id`` and ``retry`` (seconds) are
        the fields of this very event. True: there is something to drain, or another deadline.
        """
    def end(self, now: float, exchange: int) -> bool:
        """A response has ended as HTTP says it should.

        True: there is something to drain, or another deadline.
        """
    def failed(self, now: float, exchange: int, detail: str, *, sent: bool = True) -> bool:
        """An exchange has failed.

        ``detail`` is the error with its causes, for people. ``sent`` is False only if certainly not a byte was
        written: then the request may be sent again. True: there is something to drain, or another deadline.
        """
    def timeout(self, now: float) -> bool:
        """The deadline has come. Early or often does no harm.

        True: there is something to drain, or another deadline.
        """
    def drain(self, room: bool = True) -> tuple[list[_ClientOutput], float | None]:
        """Get what there is to do, in order, and when to call ``timeout`` (seconds; None: never).

        ``room`` False: the application does not read for now. Then its messages (Progress, Notification, Request)
        stay here, within bounds, and all else passes them.
        """
    def deadline(self) -> float | None:
        """When to call ``timeout``, in seconds: at once while there is something to drain. None: never."""
    def records(self) -> list[str]:
        """The lines of the record since the last time, JSON each, if the setting ``recording`` asks for one."""
    def known(self) -> Known | None:
        """What was learned of the server, for the setting ``known`` of a later client. None while nothing is."""
    def inspect(self) -> Inspection:
        """Everything that the client holds: it says why something waits."""

@final
class Server:
    """The server side of MCP's HTTP transport, as a machine without I/O.

    It opens no socket, reads no clock and starts no thread. You tell it what came over HTTP, perform what it says, and
    give it the time; so it stands under any web server, or under a loop of your own::

        server = Server(Identity("my-tools", "1.0", capabilities={"tools": {}}))
        exchange = server.accept(now, "POST", headers)  # a request has come; its body follows
        server.chunk(now, exchange, body)
        server.end(now, exchange)
        outputs, deadline = server.drain()
        for output in outputs:
            match output:
                case Head(exchange, status, headers, None):
                    begin(exchange, status, headers)  # chunks follow, and an end
                case Head(exchange, status, headers, body):
                    answer(exchange, status, headers, body)  # this is all of it
                case Chunk(exchange, data):
                    write(exchange, data)  # then server.written(now, exchange), when your HTTP library has taken it
                case End(exchange):
                    finish(exchange)
                case Abort(exchange):
                    cut(exchange)  # the client must see that the response is not complete
                case Request(id, exchange, session, version, method, params):
                    if server.take(now, id):  # the application begins with it
                        server.respond(now, id, result)  # JSON text, or an RpcError; then, or later
                case _:
                    pass  # sessions, notifications, settled calls, notices: mcp_sansio.server has all
        # At the deadline: server.timeout(now). When a client goes: server.gone(now, exchange).

    A request is answered or withdrawn exactly once, and every HTTP request gets exactly one head and one end, in
    bounded time. Before ``take`` no byte of an answer leaves, so an application that never looks at its requests
    cannot leave a client with headers and silence.

    Time is float seconds from any origin that you choose; it never goes back. Handles (exchanges, requests, sessions,
    calls) are ints of one sequence. Payloads are JSON text: ``str`` or ``bytes`` in, ``str`` out.

    Methods may be called from any thread; whoever drains keeps the order, so let it be one thread, or hold a lock
    around mutate, drain and perform. Only ConfigError (here, and by ``declare_tools``) and TypeError are raised:
    what is too late or unknown is ignored, and whatever else is wrong is an outcome or a Notice.

    ``identity`` None: the host speaks the handshake itself. With ``relay=True`` it speaks JSON-RPC itself: then there
    is ``send``, and what is for it comes as Message. ``seed`` is 32 bytes of entropy, by default the system's: session
    ids come from it. Settings: mcp_sansio.server.Settings; absent is the default.
    """

    def __new__(
        cls,
        identity: Identity | None = None,
        *,
        relay: bool = False,
        seed: bytes | None = None,
        **settings: Unpack[ServerSettings],
    ) -> Server: ...
    def accept(self, now: float, method: str, headers: _Headers, principal: str | None = None) -> int:
        """An HTTP request has come; its head is judged at once, its body may follow. Gives the exchange's handle.

        ``method`` is the HTTP method; ``headers`` are pairs, names in any case, with HTTP/2's ``:authority`` given as
        ``host``. ``principal`` is who asks, as the host has found out; sessions are bound to it.
        """
    def chunk(self, now: float, exchange: int, data: bytes) -> bool:
        """Bytes of a request's body have come, split anywhere.

        True: there is something to drain, or another deadline.
        """
    def end(self, now: float, exchange: int) -> bool:
        """A request's body has ended.

        True: there is something to drain, or another deadline.
        """
    def gone(self, now: float, exchange: int) -> bool:
        """The client of an exchange has gone.

        True: there is something to drain, or another deadline.
        """
    def written(self, now: float, exchange: int) -> bool:
        """The HTTP library has taken the last chunk of an exchange.

        True: there is something to drain, or another deadline.
        """
    def timeout(self, now: float) -> bool:
        """The deadline has come. Early or often does no harm.

        True: there is something to drain, or another deadline.
        """
    def take(self, now: float, id: int) -> bool:
        """The application begins with a request. False: it is gone, and nothing waits for its answer."""
    def respond(self, now: float, id: int, answer: _Json | RpcError) -> None:
        """Answer a request: with the JSON text of a result, or with an RpcError.

        An unknown or withdrawn request is a race, and nothing happens.
        """
    def notify(
        self,
        now: float,
        method: str,
        params: _Json | None = None,
        *,
        request: int | None = None,
        session: int | None = None,
    ) -> None:
        """Send a notification.

        It goes out on the stream that answers ``request``, on the standalone stream of ``session``, or, without either,
        to all sessions and to the subscriptions that asked for it.
        """
    def call(
        self,
        now: float,
        method: str,
        params: _Json | None = None,
        *,
        request: int | None = None,
        session: int | None = None,
        safe: bool = False,
        progress: bool = False,
        idle: float | None = None,
        max: float | None = None,
        headers: _Headers = (),
    ) -> int:
        """Ask a client, that of ``request`` or that of ``session``, and get the handle. It settles exactly once.

        The options are as for Client.call.
        """
    def cancel(self, now: float, call: int, reason: str | None = None) -> None:
        """Settle a call as ``cancelled``, and tell the client."""
    def release_connection(
        self,
        now: float,
        *,
        request: int | None = None,
        session: int | None = None,
        retry: float | None = None,
    ) -> None:
        """End the connection of a stream, not the stream: the client comes back after ``retry`` seconds (2025-11-25).

        The stream is the one that answers ``request``, the standalone one of ``session``, or, without either, all.
        """
    def end_session(self, now: float, session: int, reason: EndReason) -> None:
        """End a session. What is owed in it is settled, in this step."""
    def declare_tools(self, tools: _Json) -> None:
        """Say which tools there are, so that the ``Mcp-Param-*`` headers of their callers can be checked (2026-07-28).

        ``tools`` is the JSON text of an array of tools, or of a ``tools/list`` result; it replaces what was declared
        before. Raises ConfigError for a tool whose annotations are wrong; then nothing is replaced.
        """
    def shut_down(self, now: float, grace: float) -> None:
        """Take nothing new, give the requests in flight ``grace`` seconds, then end everything.

        ShutDown is the last output.
        """
    def send(self, now: float, message: _Json, *, session: int | None = None, via: int | None = None) -> None:
        """Hand over a JSON-RPC message of the host's (``relay=True`` only), for the client of ``session``.

        ``via`` is the client's request that it belongs to: it goes out on the stream that answers that. A notification
        without either goes to all sessions. A response answers the request whose handle is its id.
        """
    def drain(self) -> tuple[list[_ServerOutput], float | None]:
        """Get what there is to do, in order, and when to call ``timeout`` (seconds; None: never)."""
    def deadline(self) -> float | None:
        """When to call ``timeout``, in seconds: at once while there is something to drain. None: never."""
    def records(self) -> list[str]:
        """The lines of the record since the last time, JSON each, if the setting ``recording`` asks for one."""
    def inspect(self) -> Inspection:
        """Everything that the server holds: it says why something waits."""
    @staticmethod
    def shard(headers: _Headers) -> int | None:
        """The shard that a request belongs to, by its session id. None: any."""

@final
class Identity:
    """Who we are, as the handshake says it.

    ``capabilities`` and ``meta`` are JSON objects: a mapping, or its JSON text. A mapping for ``info`` has
    what is said beside name and version (``title``, ``websiteUrl``, ``icons``); JSON text stands for all of
    it. ``instructions`` are a server's.

    Raises ConfigError for a mapping that is no JSON, TypeError for a wrong type.
    """

    __match_args__: Final = ("info", "capabilities")
    def __new__(
        cls,
        name: str,
        version: str,
        *,
        capabilities: _Object | None = None,
        info: _Object | None = None,
        instructions: str | None = None,
        meta: _Object | None = None,
    ) -> Identity: ...
    @property
    def info(self) -> str:
        """The JSON text of ``clientInfo`` or ``serverInfo``."""
    @property
    def capabilities(self) -> str:
        """The JSON text of ``capabilities``."""
    @property
    def instructions(self) -> str | None:
        """A server's instructions for the model."""
    @property
    def meta(self) -> str | None:
        """The JSON text of the ``_meta`` that ``initialize`` carries."""

@final
class Known:
    """What a client has learned of its server, to go on with later (``Client(.., known=..)``).

    ``next_id`` is the next JSON-RPC id, ``result`` the JSON text of the handshake's result, ``http_sse``
    whether the server speaks the HTTP+SSE transport of 2024-11-05.

    Raises ConfigError for a version that is none.
    """

    __match_args__: Final = ("version", "session")
    def __new__(
        cls,
        version: Version,
        session: str | None = None,
        next_id: int = 1,
        result: _Json | None = None,
        http_sse: bool = False,
    ) -> Known: ...
    @property
    def version(self) -> Version:
        """The negotiated revision."""
    @property
    def era(self) -> Era:
        """The era of that revision: ``legacy``, with sessions, or ``modern``, without."""
    @property
    def session(self) -> str | None:
        """The session id, if the server gave one. A secret."""
    @property
    def next_id(self) -> int:
        """The next JSON-RPC id, so that none is used twice within a session."""
    @property
    def result(self) -> str | None:
        """The JSON text of the handshake's result."""
    @property
    def http_sse(self) -> bool:
        """The server speaks the HTTP+SSE transport of 2024-11-05."""

@final
class RpcError:
    """A JSON-RPC error object: the peer's answer, not a failure of the transport.

    ``data`` is JSON text. Compared, hashed and printed by its fields; ``str()`` is a sentence.
    """

    __match_args__: Final = ("code", "message", "data")
    def __new__(cls, code: int, message: str, data: _Json | None = None) -> RpcError: ...
    def __hash__(self) -> int: ...
    @property
    def code(self) -> int:
        """The JSON-RPC error code."""
    @property
    def message(self) -> str:
        """The peer's sentence."""
    @property
    def data(self) -> str | None:
        """The JSON text of ``data``, if there is any."""

@final
class Failure:
    """Why a call brought no answer. ``str()`` is a sentence, ``str(failure.story)`` what was seen on the way."""

    __match_args__: Final = ("kind", "execution", "story", "refusal")
    @property
    def kind(self) -> FailureKind:
        """What went wrong, a word."""
    @property
    def execution(self) -> Execution:
        """Whether the peer may have run the request.

        ``not_sent``: it cannot have left. ``refused``: the peer said that it did not run it. ``unknown``: it may have
        run.
        """
    @property
    def story(self) -> Story:
        """What was seen for the call."""
    @property
    def refusal(self) -> Refusal | None:
        """What the peer's HTTP refusal said, if that is what ended the call."""
    def to_rpc_error(self) -> RpcError:
        """The failure as a JSON-RPC error, for hosts that know nothing else."""

@final
class Story:
    """What was seen for a call, in order: ``str()`` is one line for each thing."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines, oldest first; 32 at most."""

@final
class Line:
    """One thing that was seen for a call. ``str()`` has all of it."""

    __match_args__: Final = ("at", "exchange", "text")
    @property
    def at(self) -> float:
        """Seconds since the application handed the call over."""
    @property
    def exchange(self) -> int | None:
        """The exchange that it was seen on."""
    @property
    def text(self) -> str:
        """What was seen, for people."""

@final
class Refusal:
    """What a peer's HTTP refusal said."""

    __match_args__: Final = ("status", "headers", "body")
    @property
    def status(self) -> int:
        """The HTTP status."""
    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers that a host acts on: ``www-authenticate``, ``retry-after``, ``location``, ``content-type``."""
    @property
    def body(self) -> bytes:
        """The first 4 KiB of the body."""

@final
class Abort:
    """Drop the exchange at once.

    To a client's driver: nothing that it brings is wanted. To a server's: cut the response off, so that the client
    sees that it is not complete.
    """

    __match_args__: Final = ("exchange",)
    @property
    def exchange(self) -> int:
        """The exchange."""

@final
class Settled:
    """A call ended. Exactly one for each call."""

    __match_args__: Final = ("call", "outcome")
    @property
    def call(self) -> int:
        """The call."""
    @property
    def outcome(self) -> _Outcome:
        """The JSON text of the result, the peer's RpcError, or a Failure: no answer came."""

@final
class Progress:
    """Progress of a call that asked for it."""

    __match_args__: Final = ("call", "params")
    @property
    def call(self) -> int:
        """The call."""
    @property
    def params(self) -> str:
        """The JSON text of the params of ``notifications/progress``."""

@final
class Withdrawn:
    """A request of the peer needs no answer any more: stop working on it."""

    __match_args__: Final = ("id", "why")
    @property
    def id(self) -> int:
        """The request."""
    @property
    def why(self) -> Withdrawal:
        """Why: ``cancelled``, ``gone``, ``not_taken``, ``session_ended`` or ``timed_out``."""

@final
class Notice:
    """Something to log. Nothing waits for it."""

    __match_args__: Final = ("kind", "exchange", "session", "detail")
    @property
    def kind(self) -> NoticeKind:
        """``dropped``, ``ignored``, ``not_taken``, ``standalone_unavailable``, ``tool_excluded`` or ``undelivered``."""
    @property
    def exchange(self) -> int | None:
        """The exchange that it was seen on."""
    @property
    def session(self) -> int | None:
        """The session that it concerns; a server's only."""
    @property
    def detail(self) -> str:
        """A sentence for people."""

@final
class Message:
    """A JSON-RPC message for a host that speaks JSON-RPC itself (``relay=True``)."""

    __match_args__: Final = ("text", "answers", "via", "failure", "obligation", "session", "exchange")
    @property
    def text(self) -> str:
        """The message, JSON text."""
    @property
    def answers(self) -> str | None:
        """The raw JSON of the host's own id, if this answers one of its requests."""
    @property
    def via(self) -> str | None:
        """The raw JSON of the host's own id on whose response stream it came."""
    @property
    def failure(self) -> Failure | None:
        """If it answers a request that failed: how. ``text`` says it too, as a JSON-RPC error."""
    @property
    def obligation(self) -> int | None:
        """If it is a request of the peer: its handle, which is also its JSON-RPC id in ``text``."""
    @property
    def session(self) -> int | None:
        """A server's only: the session that it belongs to, if it has one."""
    @property
    def exchange(self) -> int | None:
        """A server's only: the exchange that it came on."""

@final
class Open:
    """Perform an HTTP request, and feed what comes of it."""

    __match_args__: Final = ("exchange", "method", "url", "headers", "body")
    @property
    def exchange(self) -> int:
        """The exchange, named in every input about it."""
    @property
    def method(self) -> str:
        """``POST``, ``GET`` or ``DELETE``."""
    @property
    def url(self) -> str | None:
        """Where to; None is the configured URL."""
    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers, pairs of bytes, names in lower case."""
    @property
    def body(self) -> bytes:
        """The body; empty for GET and DELETE."""

@final
class Closed:
    """The client is closed; nothing follows."""

    __match_args__: Final = ()

@final
class ClientNotification:
    """A notification of the server."""

    __match_args__: Final = ("method", "params", "call", "listen")
    @property
    def method(self) -> str:
        """Its JSON-RPC method."""
    @property
    def params(self) -> str | None:
        """The JSON text of its params."""
    @property
    def call(self) -> int | None:
        """The call on whose response it came."""
    @property
    def listen(self) -> int | None:
        """The subscription on whose stream it came. None as ``call``: it came on the standalone stream."""

@final
class ClientRequest:
    """A request of the server; answer it with ``respond``."""

    __match_args__: Final = ("id", "method", "params", "call", "listen")
    @property
    def id(self) -> int:
        """The handle to answer by."""
    @property
    def method(self) -> str:
        """Its JSON-RPC method."""
    @property
    def params(self) -> str | None:
        """The JSON text of its params."""
    @property
    def call(self) -> int | None:
        """The call on whose response it came."""
    @property
    def listen(self) -> int | None:
        """The subscription on whose stream it came. None as ``call``: it came on the standalone stream."""

@final
class SessionChanged:
    """The session began, ended, or was made again."""

    __match_args__: Final = ("epoch", "change", "failure")
    @property
    def epoch(self) -> int:
        """Counts the sessions of this client, from 1."""
    @property
    def change(self) -> SessionChange:
        """``connected``, ``lost`` or ``reinitialized``.

        After the last, what the server held for the old session is gone: subscriptions, log level, cursors.
        """
    @property
    def failure(self) -> Failure | None:
        """How it was lost."""

@final
class Unauthorized:
    """The server refused our credentials, and what it refused waits: answer with ``authorize``.

    Only with the setting ``authorizer``.
    """

    __match_args__: Final = ("refusal", "calls", "challenges")
    @property
    def refusal(self) -> Refusal:
        """What the server said: the raw ``www-authenticate`` challenges are among its headers."""
    @property
    def calls(self) -> list[int]:
        """The calls that wait now."""
    @property
    def challenges(self) -> tuple[str, ...]:
        """What the server asks for, in its own words: its ``WWW-Authenticate`` headers, unparsed."""

@final
class ListenOpened:
    """The server listens to what we asked for, or to a part of it."""

    __match_args__: Final = ("listen", "filter")
    @property
    def listen(self) -> int:
        """The subscription."""
    @property
    def filter(self) -> str:
        """The JSON text of the filter that the server agreed to."""

@final
class ListenGap:
    """The subscription's stream was lost, and is being opened again.

    What the server said meanwhile is lost: list again what you watch, once it is open.
    """

    __match_args__: Final = ("listen",)
    @property
    def listen(self) -> int:
        """The subscription."""

@final
class ListenEnded:
    """The subscription is over; nothing follows. Exactly one for each."""

    __match_args__: Final = ("listen", "outcome")
    @property
    def listen(self) -> int:
        """The subscription."""
    @property
    def outcome(self) -> _Outcome:
        """The JSON text of the server's own graceful end, its RpcError, or a Failure."""

@final
class Head:
    """Begin the response. The rest of the request's body need not be read."""

    __match_args__: Final = ("exchange", "status", "headers", "body")
    @property
    def exchange(self) -> int:
        """The exchange."""
    @property
    def status(self) -> int:
        """The HTTP status."""
    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers, pairs of bytes, names in lower case."""
    @property
    def body(self) -> bytes | None:
        """The whole body: nothing follows. None: chunks follow, and an end."""

@final
class Chunk:
    """Send bytes, and say ``written`` when they are taken. No other chunk comes before."""

    __match_args__: Final = ("exchange", "data")
    @property
    def exchange(self) -> int:
        """The exchange."""
    @property
    def data(self) -> bytes:
        """The bytes."""

@final
class End:
    """End the response."""

    __match_args__: Final = ("exchange",)
    @property
    def exchange(self) -> int:
        """The exchange."""

@final
class ServerNotification:
    """A notification of a client."""

    __match_args__: Final = ("exchange", "session", "method", "params")
    @property
    def exchange(self) -> int:
        """The exchange that it came on."""
    @property
    def session(self) -> int | None:
        """Its session, if it has one."""
    @property
    def method(self) -> str:
        """Its JSON-RPC method."""
    @property
    def params(self) -> str | None:
        """The JSON text of its params."""

@final
class ServerRequest:
    """A request of a client. Say ``take`` when the application begins with it, ``respond`` when it is done."""

    __match_args__: Final = ("id", "exchange", "session", "version", "method", "params")
    @property
    def id(self) -> int:
        """The handle to answer by."""
    @property
    def exchange(self) -> int:
        """The exchange that it came on."""
    @property
    def session(self) -> int | None:
        """Its session, if it has one."""
    @property
    def version(self) -> Version:
        """The revision of the protocol that it is spoken in."""
    @property
    def method(self) -> str:
        """Its JSON-RPC method."""
    @property
    def params(self) -> str | None:
        """The JSON text of its params."""

@final
class SessionStarted:
    """A session began."""

    __match_args__: Final = ("session", "exchange", "key", "params")
    @property
    def session(self) -> int:
        """Its handle."""
    @property
    def exchange(self) -> int:
        """The exchange of its ``initialize``."""
    @property
    def key(self) -> str:
        """Its id on the wire, a secret of its client."""
    @property
    def params(self) -> str:
        """The JSON text of the params of ``initialize``."""

@final
class SessionEnded:
    """A session ended. What was owed in it is settled."""

    __match_args__: Final = ("session", "reason")
    @property
    def session(self) -> int:
        """Its handle."""
    @property
    def reason(self) -> EndReason:
        """Why it ended.

        ``deleted``, ``evicted``, ``handler_failed``, ``handler_returned``, ``idle``, ``refused`` or ``shutdown``.
        """

@final
class ShutDown:
    """Everything is answered and ended; nothing follows."""

    __match_args__: Final = ()

@final
class Inspection:
    """Everything that a machine holds at one moment: who is owed what, and what can still bring it."""

    __match_args__: Final = ("calls", "obligations", "exchanges", "bytes")
    @property
    def calls(self) -> list[Owed]:
        """The calls not yet settled: a list of Owed."""
    @property
    def obligations(self) -> list[Owed]:
        """The peer's requests not yet answered: a list of Owed."""
    @property
    def exchanges(self) -> list[tuple[int, float | None]]:
        """The open exchanges, each with when it is ended at the latest, where that is bounded by itself."""
    @property
    def bytes(self) -> int:
        """Payload bytes held: partial bodies and events, parked requests, messages not yet drained."""

@final
class Owed:
    """One request that is owed an answer."""

    __match_args__: Final = ("id", "method", "deadline", "lifelines", "story")
    @property
    def id(self) -> int:
        """Its handle."""
    @property
    def method(self) -> str:
        """Its JSON-RPC method."""
    @property
    def deadline(self) -> float | None:
        """When it is settled at the latest, in seconds of the driver's clock."""
    @property
    def lifelines(self) -> list[Lifeline]:
        """What can still bring its answer: a list of Lifeline."""
    @property
    def story(self) -> Story:
        """What was seen for it so far."""

@final
class Lifeline:
    """Something that can still bring an answer."""

    __match_args__: Final = ("kind", "id", "at")
    @property
    def kind(self) -> LifelineKind:
        """What it is.

        ``application``, ``authorization``, ``exchange``, ``handshake``, ``question``, ``queue``, ``resume``, ``retry``
        or ``standalone``.
        """
    @property
    def id(self) -> int | None:
        """The exchange, or the question, that it is."""
    @property
    def at(self) -> float | None:
        """When it goes on, in seconds of the driver's clock: of ``resume`` and ``retry``."""
