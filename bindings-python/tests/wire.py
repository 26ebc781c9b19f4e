"""A client and a server machine, joined without any HTTP between them: what one says is fed to the other, at once."""

import json
from collections.abc import Callable

from mcp_sansio import Client, Identity, RpcError, Server, client, server
from mcp_sansio._words import Version

URL = "http://localhost/mcp"
Answer = str | RpcError


def echo(request: server.Request) -> Answer:
    """Answers a request with its own params."""
    return json.dumps({"echo": json.loads(request.params or "null"), "resultType": "complete"})


class Wire:
    """Carries between a client and a server, and keeps what they say to their applications."""

    def __init__(
        self,
        answer: Callable[[server.Request], Answer | None] = echo,
        *,
        modern: bool = False,
        machines: tuple[Client, Server] | None = None,
    ) -> None:
        self.client, self.server = machines or _machines("2026-07-28" if modern else "2025-11-25")
        self.answer = answer
        self.of_client: list[client.Event] = []
        self.of_server: list[server.Event] = []
        self._to_server: dict[int, int] = {}
        self._to_client: dict[int, int] = {}

    def carry(self, now: float) -> float | None:
        """Carries until both are quiet; gives the first of their deadlines."""
        quiet = False
        while not quiet:
            quiet = not (self._carry_client(now) | self._carry_server(now))
        deadlines = [self.client.deadline(), self.server.deadline()]
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def timeout(self, now: float) -> None:
        """Lets both know the time."""
        self.client.timeout(now)
        self.server.timeout(now)

    def _carry_client(self, now: float) -> bool:
        outputs, _ = self.client.drain()
        for output in outputs:
            match output:
                case client.Open(exchange, method, _, headers, body):
                    theirs = self.server.accept(now, method, [(b"host", b"localhost"), *headers])
                    self._to_server[exchange], self._to_client[theirs] = theirs, exchange
                    if body:
                        self.server.chunk(now, theirs, body)
                    self.server.end(now, theirs)
                case client.Abort(exchange):
                    if (theirs := self._to_server.get(exchange)) is not None:
                        self.server.gone(now, theirs)
                        self._forget(theirs)
                case _:
                    self.of_client.append(output)
        return bool(outputs)

    def _carry_server(self, now: float) -> bool:
        outputs, _ = self.server.drain()
        for output in outputs:
            match output:
                case server.Request(id):
                    answer = self.answer(output)
                    if self.server.take(now, id) and answer is not None:
                        self.server.respond(now, id, answer)
                case server.Head() | server.Chunk() | server.End() | server.Abort():
                    # Of an exchange that the client has aborted nothing is carried any more.
                    if (exchange := self._to_client.get(output.exchange)) is not None:
                        self._respond(now, exchange, output)
                case _:
                    self.of_server.append(output)
        return bool(outputs)

    def _respond(
        self, now: float, exchange: int, output: server.Head | server.Chunk | server.End | server.Abort
    ) -> None:
        match output:
            case server.Head(theirs, status, headers, body):
                self.client.head(now, exchange, status, headers)
                if body is not None:
                    self.client.chunk(now, exchange, body)
                    self.client.end(now, exchange)
                    self._forget(theirs)
            case server.Chunk(theirs, data):
                self.client.chunk(now, exchange, data)
                self.server.written(now, theirs)
            case server.End(theirs):
                self.client.end(now, exchange)
                self._forget(theirs)
            case server.Abort(theirs):
                self.client.failed(now, exchange, "connection reset")
                self._forget(theirs)

    def _forget(self, theirs: int) -> None:
        del self._to_server[self._to_client.pop(theirs)]


def connected() -> Client:
    """A client of the legacy era that has a session, and nothing open."""
    machine = Client(
        URL, Identity("client", "1"), seed=bytes(32), versions=("2025-11-25", "2025-11-25"), standalone=False
    )
    machine.connect(0)
    result = {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "server", "version": "1"}}
    handshake = opened(machine)
    machine.head(0, handshake.exchange, 200, [(b"content-type", b"application/json")])
    machine.chunk(0, handshake.exchange, json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode())
    machine.end(0, handshake.exchange)
    initialized = opened(machine)
    machine.head(0, initialized.exchange, 202, [])
    machine.end(0, initialized.exchange)
    machine.drain()
    return machine


def opened(machine: Client) -> client.Open:
    """The one exchange that the machine opens."""
    (only,) = [output for output in machine.drain()[0] if isinstance(output, client.Open)]
    return only


def _machines(version: Version) -> tuple[Client, Server]:
    theirs = Identity("server", "1", capabilities={"tools": {}})
    return (
        Client(URL, Identity("client", "1"), versions=(version, version)),
        Server(theirs, versions=(version, version), limits={"obligations": 10_000}),
    )
