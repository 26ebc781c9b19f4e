"""A server whose every byte is scripted, on threads and raw sockets: what no real one does, or not at that moment."""

from __future__ import annotations

import json
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from io import BufferedReader

LEGACY = "2025-11-25"
MODERN = "2026-07-28"

META = "io.modelcontextprotocol/"


class Exchange:
    """One request, and the hold on its response."""

    def __init__(self, server: Server, connection: socket.socket, head: list[str], body: bytes) -> None:
        self.server = server
        self.http, self.path, _ = head[0].split(" ")
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:])}
        self.body: dict[str, Any] = json.loads(body) if body else {}
        self.params: dict[str, Any] = self.body.get("params", {})
        self.method: str = self.body.get("method", "")
        self.tool: str = self.params.get("name", "") if self.method == "tools/call" else ""
        self.is_reusable = True
        self._connection = connection

    def respond(self, status: str, body: str = "", **headers: str) -> None:
        """The whole response at once."""
        lines = [f"HTTP/1.1 {status}", f"content-length: {len(body.encode())}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", body]))

    def json(self, message: object, status: str = "200 OK", **headers: str) -> None:
        """A message as the whole response."""
        self.respond(status, json.dumps(message), content_type="application/json", **headers)

    def result(self, result: dict[str, Any]) -> dict[str, Any]:
        """The result message of this request."""
        if self.server.version == MODERN:
            result = {"resultType": "complete", **result}
        return {"jsonrpc": "2.0", "id": self.body["id"], "result": result}

    def error(self, code: int, message: str) -> dict[str, Any]:
        """The error message of this request."""
        return {"jsonrpc": "2.0", "id": self.body["id"], "error": {"code": code, "message": message}}

    def says(self, text: str) -> dict[str, Any]:
        """The result message of a tool that says something."""
        return self.result({"content": [{"type": "text", "text": text}]})

    def stream(self) -> None:
        """The head of an event stream that ends with the connection."""
        self.is_reusable = False
        self.send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")

    def event(self, message: object) -> None:
        """A message as an event."""
        self.send(f"data: {json.dumps(message)}\n\n")

    def progress(self, progress: int) -> None:
        """Progress of this request, as an event."""
        token = self.params["_meta"]["progressToken"]
        self.event(notification("notifications/progress", progressToken=token, progress=progress))

    def hold(self) -> None:
        """Says nothing more until the client leaves, or the server ends."""
        self.is_reusable = False
        with suppress(OSError):
            while self._connection.recv(1 << 16):
                pass

    def reset(self) -> None:
        """Resets the connection."""
        self.is_reusable = False
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def send(self, text: str) -> None:
        """Any bytes."""
        self._connection.sendall(text.encode())


Script: TypeAlias = "Callable[[Exchange], object]"
"""What the server does with a request; what it does not answer must be given to `polite`."""


class Server:
    """A server of one era, running."""

    def __init__(self, script: Script, version: str) -> None:
        self.version = version
        self.requests: list[Exchange] = []
        self.connections = 0
        self.left: list[Exchange] = []
        self.is_closing = threading.Event()
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/mcp"
        self._start(self._accept)

    def count(self, method: str) -> int:
        """How many requests of this JSON-RPC or HTTP method came."""
        return sum(method in {x.method, x.http} for x in self.requests)

    def close(self) -> None:
        """Ends all connections and threads."""
        self.is_closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with self._lock:
                self._open.add(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb") as requests, suppress(OSError):
            while (x := self._read(connection, requests)) is not None:
                self.requests.append(x)
                self._script(x)
                if not x.is_reusable:
                    break
        with self._lock:
            self._open.discard(connection)

    def _read(self, connection: socket.socket, requests: BufferedReader) -> Exchange | None:
        """The next request; None if none comes, or none that is whole."""
        head: list[str] = []
        while (line := requests.readline()).strip():
            head.append(line.decode().rstrip("\r\n"))
        length = next((int(line[15:]) for line in head if line.lower().startswith("content-length:")), 0)
        body = requests.read(length)
        return Exchange(self, connection, head, body) if head and len(body) == length else None


def polite(x: Exchange) -> None:
    """Answers as a server should."""
    capabilities = {"capabilities": {"tools": {"listChanged": True}}}
    info = {"name": "scripted", "version": "1.0"}
    is_modern = x.server.version == MODERN
    match x.http, x.method:
        case "GET", _:
            x.respond("405 Method Not Allowed")
        case "DELETE", _:
            x.respond("200 OK")
        case _, "server/discover" if is_modern:
            x.json(x.result({"supportedVersions": [MODERN], **capabilities}))
        case _, "server/discover":
            x.json(x.error(-32601, "method not found"), "404 Not Found")
        case _, "initialize":
            result = {"protocolVersion": LEGACY, "serverInfo": info, **capabilities}
            x.json(x.result(result), mcp_session_id="session-1")
        case _, "tools/list":
            x.json(x.result({"tools": [{"name": "echo", "inputSchema": {"type": "object"}}]}))
        case _, "tools/call":
            x.json(x.says(x.params.get("arguments", {}).get("text", "")))
        case _, "ping":
            x.json(x.result({}))
        case _, method if "id" not in x.body or not method:
            x.respond("202 Accepted")
        case _:
            x.json(x.error(-32601, "method not found"), "404 Not Found" if is_modern else "200 OK")


def notification(method: str, **params: object) -> dict[str, Any]:
    """A notification message."""
    return {"jsonrpc": "2.0", "method": method, "params": params}


@contextmanager
def serve(script: Script = polite, version: str = LEGACY) -> Generator[Server]:
    """A server that plays a script, of the era of this version."""
    server = Server(script, version)
    try:
        yield server
    finally:
        server.close()
