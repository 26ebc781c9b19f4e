"""MCP over HTTP that does not hang.

Every call settles exactly once, in bounded time, and the outcome says what happened. `connect` is a client for asyncio
and trio, `mcp_sansio.sync.connect` one for threads, `mcp_sansio.asgi.App` a server; `Client` and `Server` are the pure
state machines that all of them carry, for those who do the I/O themselves.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from mcp_sansio._errors import BadResult, CallError, CallFailed, PeerError
from mcp_sansio._native import (
    Abort,
    Client,
    ConfigError,
    Failure,
    Identity,
    Inspection,
    Known,
    Lifeline,
    Line,
    Message,
    Notice,
    Owed,
    Progress,
    Refusal,
    RpcError,
    Server,
    Settled,
    Story,
    Withdrawn,
)
from mcp_sansio._words import Era, Execution, FailureKind, Version

if TYPE_CHECKING:
    from mcp_sansio._driver.async_client import AsyncClient
    from mcp_sansio._driver.connect import connect
    from mcp_sansio._driver.messages import (
        CallOptions,
        Ended,
        Event,
        Gap,
        Notification,
        Opened,
        Outcome,
        RecordingEnded,
        Result,
        ServerRequest,
        SubscriptionEvent,
    )
    from mcp_sansio._driver.readers import Messages, Subscription
    from mcp_sansio._driver.staff import Authorizer

__all__ = [
    "Abort",
    "AsyncClient",
    "Authorizer",
    "BadResult",
    "CallError",
    "CallFailed",
    "CallOptions",
    "Client",
    "ConfigError",
    "Ended",
    "Era",
    "Event",
    "Execution",
    "Failure",
    "FailureKind",
    "Gap",
    "Identity",
    "Inspection",
    "Known",
    "Lifeline",
    "Line",
    "Message",
    "Messages",
    "Notice",
    "Notification",
    "Opened",
    "Outcome",
    "Owed",
    "PeerError",
    "Progress",
    "RecordingEnded",
    "Refusal",
    "Result",
    "RpcError",
    "Server",
    "ServerRequest",
    "Settled",
    "Story",
    "Subscription",
    "SubscriptionEvent",
    "Version",
    "Withdrawn",
    "connect",
]

# What does I/O comes when it is asked for: the machines alone need nothing but themselves.
_LAZY = {
    "AsyncClient": "async_client",
    "Authorizer": "staff",
    "CallOptions": "messages",
    "Ended": "messages",
    "Event": "messages",
    "Gap": "messages",
    "Messages": "readers",
    "Notification": "messages",
    "Opened": "messages",
    "Outcome": "messages",
    "RecordingEnded": "messages",
    "Result": "messages",
    "ServerRequest": "messages",
    "Subscription": "readers",
    "SubscriptionEvent": "messages",
    "connect": "connect",
}

if not TYPE_CHECKING:  # so that type checkers know which names there are

    def __getattr__(name: str) -> object:
        module = _LAZY.get(name)
        if module is not None:
            return getattr(import_module(f"mcp_sansio._driver.{module}"), name)
        if name in {"asgi", "sdk", "sync"}:
            return import_module(f"mcp_sansio.{name}")
        raise AttributeError(f"module 'mcp_sansio' has no attribute {name!r}")
