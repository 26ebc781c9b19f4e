"""The loops without an event loop, run as their users run them."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def url() -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, EXAMPLES / "sans_io_server.py", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


def run_loop(url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, EXAMPLES / "sans_io_loop.py", url]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_a_loop_without_an_event_loop_calls_a_server_without_a_framework(url: str) -> None:
    done = run_loop(url)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("now {")
    assert '"type": "text"' in done.stdout


def test_a_loop_without_a_server_says_what_was_seen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    done = run_loop(f"http://127.0.0.1:{port}/mcp")
    assert done.returncode == 1
    assert "the server cannot be reached" in done.stderr
    assert "ConnectionRefusedError" in done.stderr
    assert "Traceback" not in done.stderr
