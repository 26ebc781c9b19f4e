"""The blocking client among threads, and at the keyboard."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import httpx2
import pytest
from client_server import LEGACY, MODERN, Exchange, notification, polite, serve
from mcp_sansio import CallFailed, Failure, Result
from mcp_sansio.sync import connect

PATIENCE = 30.0
TIMING: Any = {"close": 0.5}


def silent(x: Exchange) -> None:
    """Never answers a call of a tool but `echo`."""
    if x.tool and x.tool != "echo":
        x.hold()
        x.server.left.append(x)
    else:
        polite(x)


def until(holds: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("version", [LEGACY, MODERN])
def test_many_threads_at_once(version: str) -> None:
    with serve(version=version) as server, connect(server.url) as client:

        def work(thread: int) -> list[str]:
            texts = [f"{thread}-{number}" for number in range(25)]
            results = [client.call_tool("echo", {"text": text}) for text in texts]
            assert [result["content"][0]["text"] for result in results] == texts
            return texts

        with ThreadPoolExecutor(20) as pool:
            assert sum(len(texts) for texts in pool.map(work, range(20))) == 500
        assert client.inspect().calls == []
        # As many threads and connections as there were exchanges at once.
        assert server.connections <= 25
        assert sum(thread.name == "mcp-sansio exchange" for thread in threading.enumerate()) <= 25


# What runs in the background of a shell inherits that Ctrl-C is ignored, so the program asks for it.
INTERRUPTED = """
import signal, sys
from mcp_sansio.sync import connect

signal.signal(signal.SIGINT, signal.default_int_handler)

with connect(sys.argv[1]) as client:
    for _ in range(3):
        print("calling", flush=True)
        try:
            client.call_tool("silent")
        except KeyboardInterrupt:
            print("interrupted", flush=True)
    print(client.call_tool("echo", {"text": "goes on"}), client.inspect().calls, flush=True)
    print("calling", flush=True)
    client.call_tool("silent")
"""


@pytest.mark.parametrize("version", [LEGACY, MODERN])
def test_interrupts_from_the_keyboard(version: str) -> None:
    with serve(silent, version) as server:
        command = [sys.executable, "-X", "dev", "-W", "error", "-c", INTERRUPTED, server.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for number in range(1, 5):
                line = process.stdout.readline()
                while "calling" not in line:
                    assert line, process.communicate()
                    line = process.stdout.readline()
                until(lambda number=number: sum(x.tool == "silent" for x in server.requests) == number)
                process.send_signal(signal.SIGINT)
                if number == 3:
                    assert "interrupted" in process.stdout.readline()
                    said = process.stdout.readline()
                    assert "goes on" in said
                    assert said.endswith("[]\n")
            _, complaints = process.communicate(timeout=PATIENCE)
        assert "KeyboardInterrupt" in complaints
        assert "ResourceWarning" not in complaints
        until(lambda: len(server.left) == 4)
        if version == LEGACY:
            assert server.count("notifications/cancelled") >= 3
            assert server.count("DELETE") == 1


def test_messages_in_time() -> None:
    def script(x: Exchange) -> None:
        if x.tool:
            x.stream()
            x.event(notification("notifications/message", level="info", data="now"))
            x.event(x.says("done"))
        else:
            polite(x)

    with serve(script) as server, connect(server.url, timing=TIMING) as client:
        with client.notifications() as messages:
            with pytest.raises(TimeoutError):
                messages.get(0.01)
            client.call_tool("echo")
            message = messages.get(PATIENCE)
            assert message is not None
            assert message.params == {"level": "info", "data": "now"}
        late: list[Any] = []
        reader = threading.Thread(target=lambda: late.extend(client.notifications()))
        reader.start()
        client.close()
        reader.join(PATIENCE)
        assert late == []


def test_close_settles_what_other_threads_wait_for() -> None:
    with serve(silent) as server:
        with connect(server.url, timing=TIMING) as client, ThreadPoolExecutor() as pool:
            calls = [pool.submit(client.outcome, "tools/call", {"name": "silent"}) for _ in range(3)]
            until(lambda: sum(x.tool == "silent" for x in server.requests) == 3)
            client.close()
            for call in calls:
                outcome = call.result(PATIENCE)
                assert isinstance(outcome, Failure)
                assert outcome.kind == "closed"
        assert server.count("DELETE") == 1


def test_body_that_raises_closes() -> None:
    with serve() as server:
        with pytest.raises(ZeroDivisionError), connect(server.url, timing=TIMING):
            raise ZeroDivisionError
        assert server.count("DELETE") == 1
    until(lambda: not any(thread.name.startswith("mcp-sansio") for thread in threading.enumerate()))


def test_system_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as server, connect(server.url) as client:
        client.call_tool("echo")
        busy = [client.outcome("ping")]
        start = threading.Thread.start

        def fail(thread: threading.Thread) -> None:
            if thread.name.startswith("mcp-sansio"):
                raise RuntimeError("can't start new thread")
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", fail)
        with ThreadPoolExecutor(20) as pool:
            calls = [pool.submit(client.outcome, "tools/call", {"name": "echo"}) for _ in range(20)]
            busy += [call.result(PATIENCE) for call in calls]
        monkeypatch.undo()
        for outcome in busy:
            assert isinstance(outcome, Result) or (isinstance(outcome, Failure) and outcome.execution == "not_sent")
        client.call_tool("echo")


def test_the_applications_own_http() -> None:
    def script(x: Exchange) -> None:
        if x.tool:
            time.sleep(0.1)
        polite(x)

    with serve(script) as server:
        http = httpx2.Client(headers={"x-own": "1", "accept": "text/plain"}, timeout=0.001)
        with closing(http):
            with connect(server.url, http=http) as client:
                client.call_tool("slow")
            assert not http.is_closed
        assert {x.headers["x-own"] for x in server.requests} == {"1"}
        assert "text/plain" not in {x.headers["accept"] for x in server.requests if x.http == "POST"}


def test_dropped_streams_free_their_threads() -> None:
    """An exchange that is aborted leaves its thread to the next."""

    def script(x: Exchange) -> None:
        if x.tool == "stream":
            x.stream()
        if x.tool in {"stream", "headless"}:
            x.hold()
        else:
            polite(x)

    with serve(script, MODERN) as server, connect(server.url) as client:
        for tool in ["stream", "headless"] * 10:
            with pytest.raises(CallFailed, match="timed out"):
                client.call_tool(tool, max=0.05)
        assert sum(thread.name == "mcp-sansio exchange" for thread in threading.enumerate()) < 10
