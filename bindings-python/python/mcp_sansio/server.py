"""What the server machine says and is told: its outputs and its settings.

::

    outputs, deadline = server.drain()
    for output in outputs:
        match output:
            case Head(exchange, status, headers, body): ...
"""

from typing import TypeAlias

from mcp_sansio._native import (
    Abort,
    Chunk,
    End,
    Head,
    Message,
    Notice,
    Progress,
    Server,
    SessionEnded,
    SessionStarted,
    Settled,
    ShutDown,
    Withdrawn,
)
from mcp_sansio._native import ServerNotification as Notification
from mcp_sansio._native import ServerRequest as Request
from mcp_sansio._settings import ServerLimits as Limits
from mcp_sansio._settings import ServerSettings as Settings
from mcp_sansio._settings import ServerTiming as Timing
from mcp_sansio._words import EndReason

Event: TypeAlias = (
    Message
    | Notice
    | Notification
    | Progress
    | Request
    | SessionEnded
    | SessionStarted
    | Settled
    | ShutDown
    | Withdrawn
)
"""What is for the application."""

Output: TypeAlias = Head | Chunk | End | Abort | Event
"""What ``Server.drain`` gives: what the driver does (Head, Chunk, End, Abort), and what is for the application."""

__all__ = [
    "Abort",
    "Chunk",
    "End",
    "EndReason",
    "Event",
    "Head",
    "Limits",
    "Message",
    "Notice",
    "Notification",
    "Output",
    "Progress",
    "Request",
    "Server",
    "SessionEnded",
    "SessionStarted",
    "Settings",
    "Settled",
    "ShutDown",
    "Timing",
    "Withdrawn",
]
