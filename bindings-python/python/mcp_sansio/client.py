"""What the client machine says and is told: its outputs, its settings, and what it knows of a server.

::

    outputs, deadline = client.drain()
    for output in outputs:
        match output:
            case Open(exchange, method, url, headers, body): ...
"""

from typing import TypeAlias

from mcp_sansio._native import (
    Abort,
    Client,
    Closed,
    Known,
    ListenEnded,
    ListenGap,
    ListenOpened,
    Message,
    Notice,
    Open,
    Progress,
    SessionChanged,
    Settled,
    Unauthorized,
    Withdrawn,
)
from mcp_sansio._native import ClientNotification as Notification
from mcp_sansio._native import ClientRequest as Request
from mcp_sansio._settings import ClientLimits as Limits
from mcp_sansio._settings import ClientSettings as Settings
from mcp_sansio._settings import ClientTiming as Timing
from mcp_sansio._settings import ManagedSettings
from mcp_sansio._words import Version

Event: TypeAlias = (
    Closed
    | ListenEnded
    | ListenGap
    | ListenOpened
    | Message
    | Notice
    | Notification
    | Progress
    | Request
    | SessionChanged
    | Settled
    | Unauthorized
    | Withdrawn
)
"""What is for the application."""

Output: TypeAlias = Open | Abort | Event
"""What ``Client.drain`` gives: what the driver does (Open, Abort), and what is for the application."""

__all__ = [
    "Abort",
    "Client",
    "Closed",
    "Event",
    "Known",
    "Limits",
    "ListenEnded",
    "ListenGap",
    "ListenOpened",
    "ManagedSettings",
    "Message",
    "Notice",
    "Notification",
    "Open",
    "Output",
    "Progress",
    "Request",
    "SessionChanged",
    "Settings",
    "Settled",
    "Timing",
    "Unauthorized",
    "Version",
    "Withdrawn",
]
