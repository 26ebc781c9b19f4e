"""A server under clients and a host that do anything."""

from typing import Any, Literal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from mcp_sansio import Identity, Progress, RpcError, Server, Settled, Withdrawn, server

from .peers import JSON, handles, message, waits, which


class ServerPromises(RuleBasedStateMachine):
    """A server under clients and a host that do anything."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.accepted: set[int] = set()
        self.gone: set[int] = set()
        self.headed: set[int] = set()
        self.ended: set[int] = set()
        self.requests: dict[int, int] = {}
        self.done: set[int] = set()
        self.sessions: dict[int, str] = {}
        self.calls: set[int] = set()
        self.is_down = False

    @initialize(mode=st.sampled_from(["adaptive", "json", "sse"]), sessions=st.sampled_from([None, 0, 1, 2]))
    def start(self, mode: Literal["adaptive", "json", "sse"], sessions: int | None) -> None:
        limits: server.Limits = {"sessions": 3, "obligations": 4, "body": 1024, "log_bytes": 2048, "unwritten": 2048}
        self.server = Server(
            Identity("promises", "1"), seed=bytes(32), mode=mode, sessions=sessions is not None, limits=limits
        )

        for session in range(sessions or 0):
            self.post("initialize", modern=False, session=0, end=True)
            self.drain()
            self.post("note", modern=False, session=session, end=True)
            self.get(session)

    @rule(
        body=st.sampled_from(
            ["initialize", "tools/call", "tools/call", "ping", "subscriptions/listen", "bad", "long", "note"]
        ),
        modern=st.booleans(),
        session=which,
        end=st.booleans(),
    )
    def post(self, body: str, modern: bool, session: int, end: bool) -> None:
        params: dict[str, Any] = {"name": "a", "protocolVersion": "2025-11-25"}
        headers = [(b"host", b"localhost"), JSON, (b"accept", b"application/json, text/event-stream")]
        if modern:
            version = "2026-07-28"
            meta = "io.modelcontextprotocol/"
            params["_meta"] = {meta + "protocolVersion": version, meta + "clientCapabilities": {}}
            params["notifications"] = {"toolsListChanged": True}
            headers += [
                (b"mcp-protocol-version", version.encode()),
                (b"mcp-method", body.encode()),
                (b"mcp-name", b"a"),
            ]
        elif self.sessions and body != "initialize":
            keys = sorted(self.sessions.values())
            headers.append((b"mcp-session-id", keys[session % len(keys)].encode()))
        data = {
            "bad": b"{",
            "long": b"x" * 2000,
            "note": b'{"jsonrpc":"2.0","method":"notifications/initialized"}',
        }.get(body, message(1, method=body, params=params))
        exchange = self.server.accept(self.now, "POST", headers)
        self.accepted.add(exchange)
        self.server.chunk(self.now, exchange, data)
        if end:
            self.server.end(self.now, exchange)

    @rule(session=which)
    def get(self, session: int) -> None:
        keys = sorted(self.sessions.values()) or ["none"]
        headers = [(b"host", b"localhost"), (b"accept", b"text/event-stream")]
        headers.append((b"mcp-session-id", keys[session % len(keys)].encode()))
        self.accepted.add(self.server.accept(self.now, "GET", headers))

    @rule(handle=handles)
    def anything_late(self, handle: int) -> None:
        self.server.written(self.now, handle)
        self.server.end(self.now, handle)
        self.server.cancel(self.now, handle)
        self.server.release_connection(self.now, request=handle)

    @rule(handle=handles)
    def go(self, handle: int) -> None:
        self.server.gone(self.now, handle)
        if handle in self.accepted:
            self.gone.add(handle)

    @rule(which=which, answer=st.sampled_from(["{}", '{"tools":[]}', "x", RpcError(-32601, "no")]), take=st.booleans())
    def respond(self, which: int, answer: str | RpcError, take: bool) -> None:
        request = self.request(which)
        if take:
            assert self.server.take(self.now, request) == (request in self.requests.keys() - self.done)
        self.server.respond(self.now, request, answer)
        if request in self.requests:
            self.done.add(request)

    @rule(which=which)
    def speak(self, which: int) -> None:
        request = self.request(which)
        self.server.notify(self.now, "notifications/message", '{"level":"info","data":"a"}', request=request)
        self.server.notify(self.now, "notifications/tools/list_changed")
        self.calls.add(self.server.call(self.now, "roots/list", request=request))
        for session in self.sessions:
            self.calls.add(self.server.call(self.now, "roots/list", session=session))

    def request(self, which: int) -> int:
        return sorted(self.requests)[which % len(self.requests)] if self.requests else which

    @rule(wait=waits)
    def wait(self, wait: float) -> None:
        self.now += wait
        self.server.timeout(self.now)
        deadline = self.drain()
        assert deadline is None or deadline > self.now

    def drain(self) -> float | None:
        outputs, deadline = self.server.drain()
        for output in outputs:
            assert not self.is_down, "ShutDown is the last output"
            self.see(output)
        assert self.server.drain() == ([], deadline)
        return deadline

    def see(self, output: server.Output) -> None:
        match output:
            case server.Head(exchange, status, _, body):
                assert exchange in self.accepted - self.headed - self.gone
                assert 200 <= status < 600
                self.headed.add(exchange)
                if body is not None:
                    self.ended.add(exchange)
            case server.Chunk(exchange):
                assert exchange in self.headed - self.ended
            case server.End(exchange) | server.Abort(exchange):
                assert exchange in self.headed - self.ended
                self.ended.add(exchange)
            case server.Request(id, exchange):
                assert id not in self.requests
                assert exchange not in self.headed, "no byte of an answer leaves before it is taken"
                self.requests[id] = exchange
            case Withdrawn(id):
                assert id in self.requests.keys() - self.done
                self.done.add(id)
            case server.SessionStarted(session, _, key):
                assert session not in self.sessions
                self.sessions[session] = key
            case server.SessionEnded(session):
                del self.sessions[session]
            case Settled(call):
                self.calls.remove(call)
            case server.ShutDown():
                self.is_down = True
            case server.Notice() | server.Notification() | Progress():
                pass
            case server.Message():
                raise AssertionError("there is no relay")

    @invariant()
    def keeps_its_promises(self) -> None:
        self.drain()
        inspection = self.server.inspect()
        assert {owed.id for owed in inspection.obligations} == self.requests.keys() - self.done
        assert {owed.id for owed in inspection.calls} == self.calls
        open_now = {exchange for exchange, _ in inspection.exchanges}
        assert open_now == self.accepted - self.ended - self.gone
        assert inspection.bytes < 200_000

    def teardown(self) -> None:
        if not hasattr(self, "server"):
            return
        self.server.shut_down(self.now, 5.0)
        for wait in (0.0, 5.0, 61.0):
            self.wait(wait)
        assert self.is_down
        self.keeps_its_promises()
        assert not self.calls
        assert not self.sessions
        assert self.requests.keys() == self.done
