"""Applications under the HTTP servers that people use, each in a process of its own, and a client over sockets."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asgi_wire import LEGACY, Events, Headers, initialize, notification, post

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

HERE = Path(__file__).parent
PATIENCE = 30.0
COMPLAINTS = ("Traceback", "ResourceWarning", "never awaited", "was destroyed", "never retrieved")
"""What an HTTP server says when something was not as it should be."""

PORTS = itertools.cycle(range(500))

SERVERS = {
    "uvicorn": ["uvicorn", "--log-level", "warning", "--port", "{port}"],
    "uvicorn-h11-asyncio": [
        "uvicorn",
        "--log-level",
        "warning",
        "--http",
        "h11",
        "--loop",
        "asyncio",
        "--port",
        "{port}",
    ],
    "granian": ["granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", "{port}"],
    "hypercorn": ["hypercorn", "--workers", "0", "--bind", "127.0.0.1:{port}"],
    "hypercorn-trio": ["hypercorn", "--workers", "0", "--worker-class", "trio", "--bind", "127.0.0.1:{port}"],
}


class Response:
    """A response, as its bytes come."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self._connection = connection
        self._response = connection.getresponse()
        self._events = Events()
        self._messages: list[dict[str, Any]] = []
        self.status = self._response.status

    def header(self, name: str) -> str | None:
        """A header."""
        return self._response.headers[name]

    def body(self) -> bytes:
        """All of it; http.client.IncompleteRead if it was cut off."""
        try:
            return self._response.read()
        finally:
            self.leave()

    def json(self) -> dict[str, Any]:
        """A body that is no stream."""
        assert self.header("content-type") == "application/json", (self.status, self.body())
        return json.loads(self.body())

    def message(self) -> dict[str, Any] | None:
        """The next message of a stream; None at its end; http.client.IncompleteRead if it was cut off."""
        assert self.header("content-type") == "text/event-stream"
        while not self._messages:
            data = self._response.read1(65536)
            if not data:
                return None
            self._messages += self._events.feed(data)
        return self._messages.pop(0)

    def answer(self) -> dict[str, Any]:
        """The answer to the request, in whatever way it comes."""
        if self.header("content-type") == "application/json":
            return self.json()
        while (message := self.message()) is not None:
            if "result" in message or "error" in message:
                self.leave()
                return message
        raise AssertionError("the stream ended without an answer")

    @property
    def cursor(self) -> str | None:
        """The id of the last event."""
        return self._events.cursor

    def leave(self) -> None:
        """Closes the connection."""
        self._response.close()
        self._connection.close()


class Server:
    """An HTTP server that runs."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.process = process
        self._eye = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._connections: list[http.client.HTTPConnection] = []

    def connect(self) -> http.client.HTTPConnection:
        """A connection of one's own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        self._connections.append(connection)
        return connection

    def leave(self) -> None:
        """Closes all connections."""
        while self._connections:
            self._connections.pop().close()

    def send(self, method: str, headers: Headers, body: bytes | None = None, path: str = "/mcp") -> Response:
        """Begins an exchange on a connection of its own."""
        connection = self.connect()
        connection.request(method, path, body, headers)
        return Response(connection)

    def post(self, message: dict[str, Any], session: str | None = None, path: str = "/mcp") -> Response:
        """Posts a message."""
        headers, body = post(message, session)
        return self.send("POST", headers, body, path)

    def session(self, path: str = "/mcp") -> str:
        """Begins a session, and gives its id on the wire."""
        response = self.post(initialize(), path=path)
        assert response.json()["result"]["protocolVersion"] == LEGACY
        session = response.header("mcp-session-id")
        assert session is not None
        accepted = self.post(notification("notifications/initialized"), session, path)
        assert (accepted.status, accepted.body()) == (202, b"")
        return session

    def look(self) -> dict[str, int]:
        """What is left in the application. One connection is for looking: each is a few tasks more."""
        for _ in range(2):
            try:
                self._eye.request("GET", "/look")
                return json.loads(self._eye.getresponse().read())
            except (ConnectionError, http.client.ImproperConnectionState):
                self._eye.close()  # by the server, which saw nothing of it for too long
        raise AssertionError("it cannot be looked at")

    def close(self) -> None:
        """Closes all connections for good."""
        self.leave()
        self._eye.close()

    def is_ready_or_dead(self) -> bool:
        """Whether it need not be waited for any more."""
        if self.process.poll() is not None:
            return True
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def end(self) -> None:
        """Asks the process to end."""
        self.process.send_signal(signal.SIGTERM)

    def ended(self) -> int:
        """Waits until it has."""
        return self.process.wait(PATIENCE)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/mcp"


@contextmanager
def serving(kind: str, app: str, folder: Path = HERE, expected: tuple[str, ...] = ()) -> Generator[Server]:
    """Runs an application under an HTTP server. What it says has no complaints but the `expected` ones."""
    with tempfile.TemporaryFile() as said:
        server = _start([sys.executable, "-m", *SERVERS[kind], app], folder, said.fileno())
        try:
            yield server
            server.close()
            server.end()
            server.ended()
        finally:
            server.close()
            if server.process.poll() is None:
                server.process.kill()
                server.process.wait()
            said.seek(0)
            text = said.read().decode()
            print(text)
    for words in COMPLAINTS:
        assert words in expected or words not in text, text


def run(program: Path) -> subprocess.Popen[bytes]:
    """Runs a program of the examples."""
    return subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE)


def _start(command: list[str], folder: Path, said: int) -> Server:
    # Somebody else may take a port between finding it and using it.
    for _ in range(5):
        port = _free_port()
        environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONWARNINGS": "error::ResourceWarning"}
        filled = [word.format(port=port) for word in command]
        process = subprocess.Popen(filled, env=environment, stdout=said, stderr=said)
        server = Server(port, process)
        if until(server.is_ready_or_dead) and process.poll() is None:
            return server
    raise AssertionError(f"{command} does not start")


def _free_port() -> int:
    """A port for a server that opens it by itself.

    Each worker of the tests has a range of its own, below the ports that the system gives out: a server of another
    worker would answer in place of one that could not open its port.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for port in PORTS:
        try:
            socket.create_server(("127.0.0.1", 16_000 + 500 * worker + port)).close()
        except OSError:
            continue
        return 16_000 + 500 * worker + port
    raise AssertionError("no port of this worker is free")


def until(condition: Callable[[], object]) -> bool:
    """Waits for what must become true; whether it did."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
