"""An agent's loop without any event loop: the client machine over plain sockets, and h11 for HTTP.

    python examples/sans_io_loop.py http://localhost:8000/mcp

It lists the server's tools, calls each that needs no arguments, and prints what comes of that. One thread, blocking
sockets: the deadline of the machine is the timeout of the socket. h11, which comes with httpx2, is to HTTP/1.1 what
this machine is to MCP.
"""

import json
import socket
import ssl
import sys
import time
from collections import deque
from urllib.parse import SplitResult, urlsplit

import h11
from mcp_sansio import Client, Failure, Identity, RpcError, Settled, client


class Loop:
    """Carries one client machine. It knows HTTP, and nothing of MCP."""

    def __init__(self, url: str) -> None:
        # A stream that stays open would keep the only thread for itself.
        self.machine = Client(url, Identity("sans-io-loop", "1.0"), standalone=False)
        self.url = url
        self.outcomes: dict[int, str | RpcError | Failure] = {}
        self.to_perform: deque[client.Open] = deque()
        self.open: set[int] = set()
        self.deadline: float | None = None

    def call(self, method: str, params: object = None) -> str | RpcError | Failure:
        """Makes a call, and carries until it settles. It always does."""
        call = self.machine.call(time.monotonic(), method, json.dumps(params or {}))
        self.step()
        while call not in self.outcomes:
            if self.to_perform:
                self.perform(self.to_perform.popleft())
            else:
                time.sleep(self.patience())
                self.machine.timeout(time.monotonic())
                self.step()
        return self.outcomes.pop(call)

    def close(self) -> None:
        """Ends the session."""
        self.machine.close(time.monotonic())
        self.step()

    def step(self) -> None:
        """What the machine says is noted in order, and done when the thread is free."""
        outputs, self.deadline = self.machine.drain()
        for output in outputs:
            match output:
                case client.Open(exchange):
                    self.open.add(exchange)
                    self.to_perform.append(output)
                case client.Abort(exchange):
                    self.open.discard(exchange)
                case Settled(call, outcome):
                    self.outcomes[call] = outcome
                case client.Request(id, method):
                    print(f"the server asks for {method}", file=sys.stderr)
                    self.machine.respond(time.monotonic(), id, RpcError(-32601, f"{method} is not offered"))
                    self.step()
                case _:
                    print(output, file=sys.stderr)

    def perform(self, opened: client.Open) -> None:
        """One HTTP request. While it is open, others that the machine wants are performed in between."""
        place, exchange = urlsplit(opened.url or self.url), opened.exchange
        sent = False
        try:
            with self.connect(place) as connection:
                http = h11.Connection(h11.CLIENT)
                sent = True
                connection.sendall(request(http, place, opened))
                while exchange in self.open:
                    self.read(exchange, http, connection)
        except (OSError, h11.RemoteProtocolError) as error:
            # What is certainly not sent may be sent again; whether it will be is the machine's to say.
            self.machine.failed(time.monotonic(), exchange, repr(error), sent=sent)
        self.open.discard(exchange)
        self.step()

    def connect(self, place: SplitResult) -> socket.socket:
        """A connection, within the deadline."""
        secure = place.scheme == "https"
        address = (place.hostname or "", place.port or (443 if secure else 80))
        plain = socket.create_connection(address, timeout=self.patience())
        return ssl.create_default_context().wrap_socket(plain, server_hostname=address[0]) if secure else plain

    def read(self, exchange: int, http: h11.Connection, connection: socket.socket) -> None:
        """Feeds what comes next, be it only the deadline."""
        event = http.next_event()
        match event:
            case h11.Response():
                self.machine.head(time.monotonic(), exchange, event.status_code, event.headers)
            case h11.Data():
                self.machine.chunk(time.monotonic(), exchange, bytes(event.data))
            case h11.EndOfMessage():
                self.machine.end(time.monotonic(), exchange)
                self.open.discard(exchange)
            case _:
                try:
                    connection.settimeout(self.patience())
                    http.receive_data(connection.recv(65536))
                except TimeoutError:
                    self.machine.timeout(time.monotonic())
        self.step()
        while self.to_perform:
            self.perform(self.to_perform.popleft())

    def patience(self) -> float:
        """Seconds to the deadline; a socket cannot wait for nothing at all."""
        wait = 3600.0 if self.deadline is None else self.deadline - time.monotonic()
        return max(wait, 0.001)


def request(http: h11.Connection, place: SplitResult, opened: client.Open) -> bytes:
    """The bytes of a request. Credentials would be added here."""
    target = (place.path or "/") + ("?" + place.query if place.query else "")
    headers = [(b"host", place.netloc.encode()), (b"connection", b"close"), *opened.headers]
    if opened.body:
        headers.append((b"content-length", str(len(opened.body)).encode()))
    head = http.send(h11.Request(method=opened.method, target=target, headers=headers))
    body = http.send(h11.Data(data=opened.body)) if opened.body else b""
    http.send(h11.EndOfMessage())
    return (head or b"") + (body or b"")


def main(url: str) -> int:
    loop = Loop(url)
    listed = loop.call("tools/list")
    if not isinstance(listed, str):
        # A Failure says what was seen on the way: what went out, what came, and when.
        print(f"no tools: {listed}", file=sys.stderr)
        print(listed.story if isinstance(listed, Failure) else "", file=sys.stderr)
        return 1
    for tool in json.loads(listed)["tools"]:
        if not tool["inputSchema"].get("required"):
            print(tool["name"], loop.call("tools/call", {"name": tool["name"], "arguments": {}}))
    loop.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
