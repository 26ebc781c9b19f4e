"""The words that the machines use, as types."""

from typing import Literal, TypeAlias

Version: TypeAlias = Literal["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"]
"""A published revision of the protocol."""

Era: TypeAlias = Literal["legacy", "modern"]
"""The two ways in which revisions work: with sessions, up to 2025-11-25, and without, from 2026-07-28 on."""

Recording: TypeAlias = Literal["off", "redacted", "whole"]
"""What a machine's ``records()`` have: nothing; all but secrets and payloads; or all."""

FailureKind: TypeAlias = Literal[
    "bad_answer",
    "cancelled",
    "closed",
    "connection_lost",
    "http_status",
    "misuse",
    "no_common_version",
    "overloaded",
    "redirected",
    "resume_refused",
    "session_lost",
    "timed_out",
    "too_large",
    "too_many_rounds",
    "unauthorized",
    "undeliverable",
    "unreachable",
]
"""What went wrong with a call that brought no answer."""

Execution: TypeAlias = Literal["not_sent", "refused", "unknown"]
"""Whether the peer may have run a request: it cannot have left; it said that it did not; it may have."""

Withdrawal: TypeAlias = Literal["cancelled", "gone", "not_taken", "session_ended", "timed_out"]
"""Why a request of the peer needs no answer any more."""

NoticeKind: TypeAlias = Literal[
    "dropped", "ignored", "not_taken", "standalone_unavailable", "tool_excluded", "undelivered"
]
"""The kinds of notices."""

LifelineKind: TypeAlias = Literal[
    "application",
    "authorization",
    "exchange",
    "handshake",
    "question",
    "queue",
    "resume",
    "retry",
    "standalone",
]
"""What can still bring an answer."""

EndReason: TypeAlias = Literal[
    "deleted", "evicted", "handler_failed", "handler_returned", "idle", "refused", "shutdown"
]
"""Why a session of a server ended."""

SessionChange: TypeAlias = Literal["connected", "lost", "reinitialized"]
"""What happened to a client's session."""
