"""The settings of the machines, as typed dictionaries: what is absent is the default."""

from typing import Literal, TypedDict

from mcp_sansio._native import Known
from mcp_sansio._words import Recording, Version


class ClientLimits(TypedDict, total=False):
    """Bounds on what a client holds."""

    calls: int
    """Calls in flight; a call above it settles as ``overloaded``. 10,000."""
    obligations: int
    """The server's requests at the application; one above it is answered with an error. 64."""
    exchanges: int | None
    """Exchanges that may be open at once; calls above it wait in order. None, the default, is no bound."""
    messages: int
    """Messages kept for an application that does not read them. 256."""
    body: int
    """Bytes of a JSON body; a call with a larger one settles as ``too_large``. 16 MiB."""
    event: int
    """Bytes of one SSE event; likewise. 16 MiB."""
    reconnects: int
    """Attempts to bring one stream back without anything new on it. 5."""
    rounds: int
    """Rounds of questions that one call may take; beyond it the call settles as ``too_many_rounds``. 10."""


class ClientTiming(TypedDict, total=False):
    """Bounds on how long a client waits, in seconds."""

    handshake: float
    """From the start of a handshake to its result. 60."""
    probe: float
    """How long a server of either era is asked for its revisions before ``initialize`` goes out too. 10."""
    idle: float | None
    """How long a call may stay without progress; None turns this clock off. 120; without identity, None."""
    max: float
    """How long a call may take in all. 1,800; without identity, 3,600."""
    answer: float
    """How long the application may take to answer a request of the server. 300."""
    authorization: float
    """How long the application may take to get new credentials. 300."""
    exchange: float
    """An exchange that is neither a call's nor a stream's. 30."""
    cancel: float
    """The POST that tells the server of a cancelled call. Nothing waits for it. 5."""
    close: float
    """From ``close`` to Closed, at most. 5."""
    linger: float
    """How long a response may go on after its answer, so that its connection can be reused. 0.1."""
    session_grace: float
    """How long a call whose exchange is still open outlives the loss of its session. 5."""
    standalone_wait: float
    """How long the first calls wait for the head of the standalone stream. 0.25."""
    backoff: tuple[float, float]
    """The delays before attempts to reconnect: the first, doubled each time up to the last. (1, 30)."""


class ManagedSettings(TypedDict, total=False):
    """How a managed client is set up, beside what it is given otherwise."""

    versions: tuple[Version, Version]
    """The revisions to speak, oldest and newest. All."""
    known: Known | None
    """A session saved earlier by ``known()``, to go on with."""
    standalone: bool
    """Open the standalone stream, which carries what the server says unasked. On."""
    reinitialize: bool
    """Make a new session when the server has lost ours. On."""
    accept_202: bool
    """Take ``202 Accepted`` to a request for "the answer will come on the standalone stream". Off."""
    relisten: bool
    """Open a lost subscription again. On."""
    http_sse: bool
    """Fall back to the HTTP+SSE transport of 2024-11-05, which is deprecated. Off."""
    result_types: list[str]
    """Values of ``resultType`` that are answers too, beside ``complete``: those of declared extensions."""
    limits: ClientLimits
    timing: ClientTiming
    recording: Recording
    """What ``records()`` has. Off."""


class ClientSettings(ManagedSettings, total=False):
    """How a client is set up."""

    authorizer: bool
    """The application gets new credentials when it is asked for them by Unauthorized. Off."""


class ServerLimits(TypedDict, total=False):
    """Bounds on what a server holds."""

    body: int
    """Bytes of a request body; a longer one is refused with 413. 4 MiB."""
    sessions: int
    """Sessions. Beyond it unused ones are evicted, then idle ones, or a new one is refused. 10,000."""
    sessions_per_principal: int | None
    """Sessions of one principal; one above it is refused with 503. None: no bound."""
    obligations: int
    """Requests in flight of one session; one above it is refused with 503. 256."""
    in_flight: int
    """Requests in flight of all clients; one above it is refused with 503. 10,000."""
    listens: int
    """Subscriptions of all clients; one above it is refused with 503. 10,000."""
    held: int
    """The application's requests of one session that wait for a stream; one above it is refused. 32."""
    log_events: int
    """Events that one stream keeps for a client that comes back. 256."""
    log_bytes: int
    """Bytes of events that one stream keeps. 4 MiB."""
    log_total: int
    """Bytes of events that all streams keep; the oldest finished streams go first. 64 MiB."""
    unwritten: int
    """Bytes that one stream holds for a slow reader; beyond it messages are dropped, never answers. 1 MiB."""


class ServerTiming(TypedDict, total=False):
    """Bounds on how long a server waits, in seconds."""

    take: float
    """How long a request may stay without ``take``; then the client gets 500. 30."""
    head: float
    """How long the head of a taken request waits for the answer before it becomes a stream. 0.25."""
    answer: float | None
    """How long a request may stay without output or answer. None: no bound. 3,600."""
    call: float
    """How long a client may take to answer a request of the application. 300."""
    body: float
    """How long a request body may take; then 408. 30."""
    keep_alive: float | None
    """How often a silent stream says that it is alive. None: never. 15."""
    stall: float
    """How long a chunk may stay with a reader that does not read; then it is cut off. 60."""
    idle: float | None
    """How long a session may stay unused. None: no bound. 1,800."""
    unused: float
    """The same for a session that was never used after its handshake. 60."""
    replay: float
    """How long the events of a finished stream are kept. 300."""
    retry: float
    """What clients are told to wait before they come back to a stream. 1."""


class ServerSettings(TypedDict, total=False):
    """How a server is set up."""

    versions: tuple[Version, Version]
    """The revisions to speak, oldest and newest. All."""
    sessions: bool
    """Give sessions to clients of the legacy era. On."""
    mode: Literal["adaptive", "json", "sse"]
    """How requests are answered: by what comes first, always a JSON body, or always a stream. Adaptive."""
    hosts: Literal["any", "loopback"] | list[str]
    """The names in ``Host`` that are served. Loopback, against DNS rebinding."""
    origins: Literal["any", "loopback"] | list[str]
    """The values of ``Origin`` that are served, as browsers write them. Loopback."""
    shard: int
    """Written into session ids, so that a host with several servers can tell whose a session is. 0."""
    limits: ServerLimits
    timing: ServerTiming
    recording: Recording
    """What ``records()`` has. Off."""
