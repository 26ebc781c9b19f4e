"""The examples of the drop-ins run, and talk to each other."""

import socket
import subprocess
import sys
import time
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_the_client_and_the_server() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, EXAMPLES / "sdk_server.py", str(port)])
    try:
        until_it_listens(server, port)
        url = f"http://127.0.0.1:{port}/mcp"
        command = [sys.executable, EXAMPLES / "sdk_client.py", url]
        client = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    finally:
        server.terminate()
    assert client.stdout.splitlines() == [
        "speaking 2026-07-28",
        "tools: count",
        "1 of 3: that was 1",
        "2 of 3: that was 2",
        "3 of 3: that was 3",
        "counted to 3",
    ]
    assert server.wait(20) in (0, -15)


def until_it_listens(server: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server does not listen")
