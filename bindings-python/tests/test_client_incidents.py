"""Publicly reported incidents, played by `mcp-sansio misbehave`: what each call must come to, on every driver."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from client_program import Peer
from client_server import Exchange, polite, serve
from client_stage import DRIVERS, Driver, Stage, elapsed, stage
from mcp_sansio import Ended, Gap, Known, Notification, Opened, Result

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.parametrize("driver", DRIVERS)

ECHO = "POST tools/call echo"
SLOW = "POST tools/call slow"
LEGACY = ("2024-11-05", "2025-11-25")


@contextmanager
def incident(driver: Driver, name: str, era: str | None = None, **settings: Any) -> Generator[tuple[Stage, Peer]]:
    arguments = [name] if era is None else [name, "--era", era]
    with Peer("misbehave", *arguments) as peer, stage(driver, peer.url, **settings) as played:
        yield played, peer
        played.settled()


@pytest.mark.parametrize(
    ("name", "kind", "execution"),
    [
        ("accepted", "bad_answer", "unknown"),
        ("cut-off-body", "connection_lost", "unknown"),
        ("not-json", "bad_answer", "unknown"),
        ("reset", "connection_lost", "unknown"),
        ("session-never-found", "session_lost", "refused"),
        ("stream-ends", "connection_lost", "unknown"),
        ("truncated-json", "bad_answer", "unknown"),
    ],
)
def test_call_fails_at_once(driver: Driver, name: str, kind: str, execution: str) -> None:
    with incident(driver, name, "legacy") as (played, _):
        played.call("echo").failed(kind, execution)


@pytest.mark.parametrize(
    ("name", "kind", "execution"), [("bare-404", "http_status", "refused"), ("server-error", "http_status", "unknown")]
)
def test_next_call_does_not_suffer(driver: Driver, name: str, kind: str, execution: str) -> None:
    with incident(driver, name) as (played, _):
        played.call("echo").failed(kind, execution)
        played.call("echo").came_to_result()


@pytest.mark.parametrize("name", ["silent-stream", "keep-alives-for-ever", "no-head", "cancel-unanswered"])
def test_silence_ends_by_the_calls_own_clock(driver: Driver, name: str) -> None:
    with incident(driver, name, "legacy", timing={"cancel": 20.0}) as (played, peer):
        played.call("echo", idle=0.6).failed("timed_out", "unknown")
        peer.until("<- POST cancelled")


def test_silent_modern_stream(driver: Driver) -> None:
    with incident(driver, "silent-stream", "modern") as (played, peer):
        played.call("echo", idle=0.6).failed("timed_out", "unknown")
        peer.until("client left")
        peer.asked("POST cancelled", 0)


@pytest.mark.parametrize("name", ["none", "standalone-ends", "initialized-unanswered"])
def test_trouble_that_is_nobody_elses(driver: Driver, name: str) -> None:
    with incident(driver, name, "legacy") as (played, _):
        played.call("echo").came_to_result()
        played.call("echo").came_to_result()


def test_answer_elsewhere(driver: Driver) -> None:
    with incident(driver, "answer-elsewhere") as (played, peer):
        played.call("echo").came_to_result()
        peer.saw("<- GET after", 1)


@pytest.mark.parametrize(
    ("settings", "echo", "handshakes"), [({}, None, 2), ({"reinitialize": False}, ("session_lost", "refused"), 1)]
)
def test_orphaned_call(driver: Driver, settings: dict[str, Any], echo: tuple[str, str] | None, handshakes: int) -> None:
    with incident(driver, "session-forgotten", timing={"session_grace": 0.4}, **settings) as (played, peer):
        slow = played.start("slow")
        peer.until(f"<- {SLOW}")
        call = played.call("echo")
        if echo is None:
            call.came_to_result()
        else:
            call.failed(*echo)
        slow.failed("session_lost", "unknown")
        peer.asked("POST initialize", handshakes)
        peer.asked(SLOW, 1)


def test_late_answer(driver: Driver) -> None:
    with incident(driver, "session-forgotten-late-answer", timing={"session_grace": 8.0}) as (played, peer):
        slow = played.start("slow")
        peer.until(f"<- {SLOW}")
        played.call("echo").came_to_result()
        slow.came_to_result()


def test_five_calls_one_404(driver: Driver) -> None:
    with incident(driver, "session-forgotten-slow-404") as (played, peer):
        for call in [played.start("echo") for _ in range(5)]:
            call.came_to_result()
        peer.asked("POST initialize", 2)
        peer.asked(ECHO, 10)


def test_resume_never_moves(driver: Driver) -> None:
    with incident(driver, "resume-never-moves", limits={"reconnects": 3}) as (played, peer):
        played.call("echo").failed("connection_lost", "unknown")
        peer.saw("<- GET after", 3)


def test_retry_zero(driver: Driver) -> None:
    with incident(driver, "retry-zero") as (played, peer):
        outcome = played.call("echo", max=1.5).outcome()
        assert not isinstance(outcome, Result)
        assert 1 <= peer.count("<- GET after") <= 8


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_foreign_id(driver: Driver, era: str) -> None:
    with incident(driver, "foreign-id", era) as (played, peer):
        slow = played.start("slow")
        peer.until(f"<- {SLOW}")
        played.call("echo").failed("bad_answer", "unknown")
        slow.came_to_result()


def test_null_id(driver: Driver) -> None:
    with incident(driver, "null-id", "legacy") as (played, peer):
        played.do(played.client.list_tools)  # a session that has worked may be suspected
        played.call("echo").came_to_error()
        played.call("echo").came_to_result()
        peer.asked("POST ping", 1)


def test_too_large(driver: Driver) -> None:
    with incident(driver, "too-large", "legacy", limits={"event": 64 << 10}) as (played, peer):
        played.call("echo").failed("too_large", "unknown")
        played.call("echo").came_to_result()
        peer.saw("<- GET after", 0)


def test_same_number(driver: Driver) -> None:
    with incident(driver, "same-number") as (played, peer):
        played.call("echo").came_to_result()
        peer.saw(" an answer", 1)


def test_delete_unanswered(driver: Driver) -> None:
    with Peer("misbehave", "delete-unanswered") as peer:
        with stage(driver, peer.url) as played:
            played.call("echo").came_to_result()
            assert elapsed(played.close) < 5
        peer.asked("DELETE", 1)


@pytest.mark.parametrize(
    "name",
    [
        "probe-unanswered",
        "probe-not-found",
        "probe-unavailable",
        "probe-web-page",
        "probe-empty-stream",
        "probe-empty-result",
    ],
)
def test_probe_falls_back(driver: Driver, name: str) -> None:
    with incident(driver, name, timing={"probe": 0.3}) as (played, peer):
        played.call("echo").came_to_result()
        assert played.client.version == "2025-11-25"
        peer.asked("POST server/discover", 1)
        peer.asked("POST initialize", 1)
        if name == "probe-unanswered":
            peer.until("client left")


def test_becomes_modern(driver: Driver) -> None:
    with incident(driver, "becomes-modern") as (played, peer):
        played.call("echo").came_to_result()
        played.call("echo").came_to_result()
        assert played.client.version == "2026-07-28"
        peer.asked(ECHO, 3)


@pytest.mark.parametrize(
    ("name", "known", "asked", "version"),
    [
        ("none", Known("2025-11-25", "saved-before"), "POST server/discover", "2026-07-28"),
        ("probe-not-found", Known("2026-07-28"), "POST initialize", "2025-11-25"),
    ],
)
def test_stored_and_outdated(driver: Driver, name: str, known: Known, asked: str, version: str) -> None:
    era = "modern" if version == "2026-07-28" else None
    with incident(driver, name, era, known=known) as (played, peer):
        played.call("echo").came_to_result()
        assert played.client.version == version
        peer.asked(asked, 1)
        peer.asked(ECHO, 2)


def test_own_version_refused(driver: Driver) -> None:
    with incident(driver, "own-version-refused") as (played, peer):
        played.call("echo").came_to_result()
        peer.asked("POST server/discover", 3)
        peer.asked("POST initialize", 0)


def test_headers_refused(driver: Driver) -> None:
    with incident(driver, "headers-refused") as (played, peer):
        played.call("echo").came_to_error()
        peer.asked("POST tools/list", 1)
        peer.asked(ECHO, 2)


def test_half_event(driver: Driver) -> None:
    with incident(driver, "half-event") as (played, peer):
        played.call("echo").failed("connection_lost", "unknown")
        played.call("echo", safe=True).came_to_result()
        peer.asked(ECHO, 3)
        peer.saw("<- GET after", 0)


def test_asks_on_stream(driver: Driver) -> None:
    with incident(driver, "asks-on-stream") as (played, peer):
        played.call("echo").came_to_result()
        peer.saw(" an answer", 0)


def test_listen_lost(driver: Driver) -> None:
    with incident(driver, "listen-lost") as (played, peer):
        listening = played.listen()
        heard = [played.next(listening) for _ in range(5)]
        assert [type(one) for one in heard] == [Opened, Gap, Opened, Notification, Ended]
        assert isinstance(heard[-1].outcome, Result)
        assert played.next(listening) is None
        played.call("echo").came_to_result()
        peer.asked("POST subscriptions/listen", 2)


def test_listen_answered(driver: Driver) -> None:
    with incident(driver, "listen-answered") as (played, peer):
        listening = played.listen()
        assert isinstance(played.next(listening).outcome, Result)
        assert played.next(listening) is None
        played.call("echo").came_to_result()
        peer.asked("POST subscriptions/listen", 1)


def test_stuck_reader(driver: Driver) -> None:
    """Another client of the session asks for much, and does not read it."""
    with Peer("serve") as peer, stage(driver, peer.url, versions=LEGACY) as played:
        call = {"name": "big", "arguments": {"bytes": 8 << 20}}
        body = json.dumps({"jsonrpc": "2.0", "id": "stuck", "method": "tools/call", "params": call})
        host = peer.url.removeprefix("http://").removesuffix("/mcp")
        name, port = host.split(":")
        head = (
            f"POST /mcp HTTP/1.1\r\nhost: {host}\r\naccept: application/json, text/event-stream\r\n"
            f"content-type: application/json\r\nmcp-session-id: {played.client.known().session}\r\n"
            f"mcp-protocol-version: 2025-11-25\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection((name, int(port))) as stuck:
            stuck.sendall((head + body).encode())
            peer.until("<- POST tools/call big")
            for echo in [played.start("echo") for _ in range(5)]:
                echo.came_to_result()


def test_asks_for_ever(driver: Driver) -> None:
    with incident(driver, "asks-for-ever") as (played, peer):
        played.call("echo").failed("too_many_rounds", "unknown")
        peer.asked(ECHO, 11)


def test_handler_never_reads(driver: Driver) -> None:
    """The server's application takes no request: the server says so, instead of a stream without a word."""

    def script(x: Exchange) -> None:
        if x.tool:
            error = x.error(-32603, "the request was not taken")
            x.json(error, "500 Internal Server Error")
        else:
            polite(x)

    with serve(script) as server, stage(driver, server.url) as played:
        assert played.call("echo").came_to_error().code == -32603
        played.do(played.client.ping)
