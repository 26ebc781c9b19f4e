"""A client under a server and a host that do anything."""

import json
from typing import Any, Literal, get_args

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from mcp_sansio import Client, Failure, Identity, Progress, RpcError, Settled, Withdrawn, client
from mcp_sansio._words import Execution, FailureKind, Withdrawal
from wire import URL

from .peers import DISCOVERED, INITIALIZED, JSON, SSE, handles, message, notification, waits, which


class ClientPromises(RuleBasedStateMachine):
    """A client under a server and a host that do anything."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.room = True
        self.always_room = True
        self.closing = self.closed = False
        self.unsettled: set[int] = set()
        self.settled: set[int] = set()
        self.listening: set[int] = set()
        self.asked: set[int] = set()
        self.open: dict[int, client.Open] = {}
        self.opened: set[int] = set()
        self.answered: set[int] = set()
        self.named = 0
        # By the name that a call's params carry: the exchanges that sent it, and those of them that ran nothing.
        self.sent: dict[str, list[int]] = {}
        self.ran_nothing: set[int] = set()

    @initialize(
        era=st.sampled_from(["legacy", "modern", "either"]),
        authorizer=st.booleans(),
        exchanges=st.sampled_from([None, 3]),
        calls=st.integers(0, 3),
    )
    def start(
        self, era: Literal["legacy", "modern", "either"], authorizer: bool, exchanges: int | None, calls: int
    ) -> None:
        versions = {
            "legacy": ("2024-11-05", "2025-11-25"),
            "modern": ("2026-07-28", "2026-07-28"),
            "either": ("2024-11-05", "2026-07-28"),
        }
        self.client = Client(
            URL,
            Identity("promises", "1"),
            seed=bytes(32),
            versions=versions[era],  # pyright: ignore[reportArgumentType]
            authorizer=authorizer,
            limits={"calls": 8, "exchanges": exchanges, "messages": 2, "body": 4096, "event": 4096},
        )

        # Most of what can happen happens to calls of a client that is connected.
        for _ in range(calls):
            self.call("tools/call", "named", False, True, None)
            for _ in range(3):
                self.drain()
                handshakes = [which for which, request in self.open.items() if b'"tools/call"' not in request.body]
                for exchange in handshakes:
                    self.answer_well(exchange)
        self.drain()

    # The host.

    @rule(
        method=st.sampled_from(["tools/call", "tools/call", "tools/list", "ping", "", "initialize"]),
        params=st.sampled_from([None, "{}", "[1]", "{", "named", "named", "named"]),
        safe=st.booleans(),
        progress=st.booleans(),
        max=st.sampled_from([None, 1.0, 600.0]),
    )
    def call(self, method: str, params: str | None, safe: bool, progress: bool, max: float | None) -> None:
        if params == "named":
            self.named += 1
            name = f"call-{self.named}"
            params = json.dumps({"name": name})
            if method == "tools/call" and not safe:
                self.sent[name] = []
        call = self.client.call(self.now, method, params, safe=safe, progress=progress, max=max)
        assert call not in self.unsettled | self.settled
        self.unsettled.add(call)

    @rule()
    def connect(self) -> None:
        self.unsettled.add(self.client.connect(self.now))

    @rule(params=st.sampled_from(['{"notifications":{"toolsListChanged":true}}', "{}", "x"]))
    def listen(self, params: str) -> None:
        self.listening.add(self.client.listen(self.now, params))

    @rule(handle=handles)
    def cancel(self, handle: int) -> None:
        self.client.cancel(self.now, handle, "because")
        self.client.unlisten(self.now, handle)

    @rule(handle=handles, answer=st.sampled_from(["{}", "x", RpcError(1, "no")]))
    def respond(self, handle: int, answer: str | RpcError) -> None:
        self.client.respond(self.now, handle, answer)

    @rule(granted=st.booleans())
    def authorize(self, granted: bool) -> None:
        self.client.authorize(self.now, granted)

    @rule()
    def notify(self) -> None:
        self.client.notify(self.now, "notifications/roots/list_changed")

    @rule(room=st.booleans())
    def read(self, room: bool) -> None:
        self.room = room
        self.always_room &= room

    # The server. What names no open exchange goes to one that is not.

    def exchange(self, which: int) -> int:
        return sorted(self.open)[which % len(self.open)] if self.open else which

    def request(self, exchange: int) -> dict[str, Any]:
        opened = self.open.get(exchange)
        return json.loads(opened.body) if opened and opened.body else {}

    @rule(which=which)
    def answer(self, which: int) -> None:
        self.answer_well(self.exchange(which))

    def answer_well(self, exchange: int) -> None:
        request = self.request(exchange)
        self.answered.add(exchange)
        results = {"initialize": INITIALIZED, "server/discover": DISCOVERED}
        result = results.get(request.get("method", ""), {"resultType": "complete"})
        if "id" in request:
            self.client.head(self.now, exchange, 200, [JSON, (b"mcp-session-id", b"session")])
            self.client.chunk(self.now, exchange, message(request["id"], result=result))
        else:
            self.client.head(self.now, exchange, 202 if request else 405, [])
        self.client.end(self.now, exchange)

    @rule(
        which=which,
        said=st.lists(
            st.sampled_from(["progress", "log", "ask", "comment", "answer", "garbage", "cancel", "cursor"]), max_size=4
        ),
        end=st.sampled_from(["end", "break", "stay", "stay"]),
    )
    def stream(self, which: int, said: list[str], end: str) -> None:
        exchange = self.exchange(which)
        request = self.request(exchange)
        self.answered.add(exchange)
        token = request.get("params", {}).get("_meta", {}).get("progressToken")
        lines = {
            "progress": b"data: " + notification("progress", progressToken=token, progress=1),
            "log": b"data: " + notification("message", level="info", data=1),
            "ask": b"data: " + message(7, method="roots/list"),
            "answer": b"id: 3\ndata: " + message(request.get("id"), result={"resultType": "complete"}),
            "cancel": b"data: " + notification("cancelled", requestId=7),
            "comment": b": alive",
            "garbage": b"data: {\xff",
            "cursor": b"id: 2\nretry: 10\ndata:",
        }
        self.client.head(self.now, exchange, 200, [SSE])
        self.client.chunk(self.now, exchange, b"".join(lines[word] + b"\n\n" for word in said))
        if end == "end":
            self.client.end(self.now, exchange)
        elif end == "break":
            self.client.failed(self.now, exchange, "connection reset")

    @rule(
        which=which,
        status=st.sampled_from([0, 202, 204, 307, 400, 401, 403, 404, 405, 409, 429, 500, 503]),
        body=st.sampled_from([b"", b"<html>", message(None, error={"code": -32000, "message": "no"}), b"x" * 5000]),
    )
    def refuse(self, which: int, status: int, body: bytes) -> None:
        exchange = self.exchange(which)
        headers = [JSON, (b"location", b"/other"), (b"www-authenticate", b"Bearer"), (b"retry-after", b"1")]
        if exchange not in self.answered and (status >= 300 or status == 0):
            self.ran_nothing.add(exchange)
        self.answered.add(exchange)
        self.client.head(self.now, exchange, status, headers)
        self.client.chunk(self.now, exchange, body)
        self.client.end(self.now, exchange)

    @rule(which=which, sent=st.booleans())
    def fail(self, which: int, sent: bool) -> None:
        exchange = self.exchange(which)
        if not sent and exchange not in self.answered:
            self.ran_nothing.add(exchange)
        self.client.failed(self.now, exchange, "connection refused", sent=sent)

    # Time.

    @rule(wait=waits)
    def wait(self, wait: float) -> None:
        self.now += wait
        self.feed_timeout()

    @rule()
    def wait_for_the_deadline(self) -> None:
        deadline = self.client.deadline()
        if deadline is not None:
            self.now = max(self.now, deadline)
            self.feed_timeout()

    @precondition(lambda self: len(self.settled) > 3)
    @rule()
    def close(self) -> None:
        self.client.close(self.now)
        self.closing = True

    # The promises.

    def feed_timeout(self) -> None:
        self.client.timeout(self.now)
        deadline = self.drain()
        assert deadline is None or deadline > self.now
        for owed in self.client.inspect().calls:
            assert owed.deadline is not None
            assert owed.deadline > self.now

    def drain(self) -> float | None:
        outputs, deadline = self.client.drain(self.room)
        for output in outputs:
            self.see(output)
        again, same = self.client.drain(self.room)
        assert (again, same) == ([], deadline), "a drain takes all there is"
        return deadline

    def see(self, output: client.Output) -> None:
        match output:
            case client.Open(exchange):
                assert exchange not in self.opened
                self.opened.add(exchange)
                self.open[exchange] = output
                self.see_sending(exchange)
            case client.Abort(exchange):
                assert exchange in self.opened
                self.open.pop(exchange, None)
            case Settled(call, outcome):
                assert call in self.unsettled, "exactly one outcome for each call"
                self.unsettled.remove(call)
                self.settled.add(call)
                self.see_outcome(outcome)
            case client.ListenEnded(listen, outcome):
                self.listening.remove(listen)
                self.see_outcome(outcome)
            case client.ListenOpened(listen) | client.ListenGap(listen):
                assert listen in self.listening
            case Progress(call):
                assert call in self.unsettled or not self.always_room
                assert not self.closing
            case client.Request(id):
                assert id not in self.asked
                self.asked.add(id)
                assert not self.closing
            case Withdrawn(id, why):
                self.asked.remove(id)
                assert why in get_args(Withdrawal)
            case client.Notification() | client.Unauthorized():
                assert not self.closing, "after close there are no messages"
            case client.Closed():
                assert self.closing
                assert not self.closed
                self.closed = True
            case client.SessionChanged() | client.Notice():
                pass
            case client.Message():
                raise AssertionError("there is no relay")

    def see_sending(self, exchange: int) -> None:
        request = self.request(exchange)
        sent = self.sent.get(request.get("params", {}).get("name", "")) if "id" in request else None
        if sent is not None:
            assert set(sent) <= self.ran_nothing, "what may have run is not sent again"
            sent.append(exchange)

    def see_outcome(self, outcome: str | RpcError | Failure) -> None:
        match outcome:
            case Failure(kind, execution, story):
                assert kind in get_args(FailureKind)
                assert execution in get_args(Execution)
                assert str(outcome)
                assert len(story.lines) <= 32
                assert json.loads(outcome.to_rpc_error().data or "")["kind"] == kind
            case RpcError(_, said, data):
                assert isinstance(said, str)
                json.loads(data or "null")
            case str():
                json.loads(outcome)

    @invariant()
    def keeps_its_promises(self) -> None:
        deadline = self.drain()
        inspection = self.client.inspect()
        assert {owed.id for owed in inspection.calls} == self.unsettled
        for owed in inspection.calls:
            assert owed.lifelines
            assert owed.deadline is not None
            assert deadline is not None
            assert deadline <= owed.deadline
        assert inspection.bytes < 400_000
        if self.always_room:
            assert {owed.id for owed in inspection.obligations} <= self.asked
        assert sum(owed.method != "initialize" for owed in inspection.calls) <= 8
        if self.closing:
            assert not self.unsettled
            assert not self.listening
        if self.closed:
            assert deadline is None
            assert not inspection.exchanges

    def teardown(self) -> None:
        """Without anything from anybody all ends by time alone."""
        if not hasattr(self, "client"):
            return
        self.room = True
        self.drain()
        for _ in range(10_000):
            if not self.unsettled:
                break
            self.wait_for_the_deadline()
        assert not self.unsettled
        self.close()
        self.drain()
        for _ in range(100):
            if self.closed:
                break
            self.wait_for_the_deadline()
        assert self.closed
        self.keeps_its_promises()
