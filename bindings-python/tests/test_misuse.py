"""Wrong types, wrong values, wrong times: a TypeError or ConfigError that names what is wrong, or an outcome, and
nothing is lost."""

import math
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from mcp_sansio import Client, ConfigError, Failure, Identity, RpcError, Server, Settled, client, server
from wire import URL, Wire, connected, opened

WRONG: Any = object()


def make_client() -> Client:
    return Client(URL, Identity("misuse", "1"))


def failures(outputs: Sequence[client.Output]) -> dict[int, str]:
    """The calls that failed, and how."""
    settled = [output for output in outputs if isinstance(output, Settled)]
    return {output.call: output.outcome.kind for output in settled if isinstance(output.outcome, Failure)}


# Each method with arguments of which one at a time is replaced by something of a wrong type.
CLIENT_METHODS: dict[str, dict[str, Any]] = {
    "connect": {"now": 0},
    "call": {
        "now": 0,
        "method": "ping",
        "params": "{}",
        "safe": True,
        "progress": True,
        "idle": 1,
        "max": 1,
        "headers": [],
    },
    "listen": {"now": 0, "params": "{}"},
    "unlisten": {"now": 0, "listen": 1},
    "notify": {"now": 0, "method": "m", "params": b"{}"},
    "respond": {"now": 0, "id": 1, "answer": "{}"},
    "cancel": {"now": 0, "call": 1, "reason": "r"},
    "authorize": {"now": 0, "granted": True},
    "close": {"now": 0},
    "head": {"now": 0, "exchange": 1, "status": 200, "headers": []},
    "chunk": {"now": 0, "exchange": 1, "data": b""},
    "sse_event": {"now": 0, "exchange": 1, "event": "", "data": "", "id": "1", "retry": 1},
    "end": {"now": 0, "exchange": 1},
    "failed": {"now": 0, "exchange": 1, "detail": "d", "sent": True},
    "timeout": {"now": 0},
    "drain": {"room": True},
}
SERVER_METHODS: dict[str, dict[str, Any]] = {
    "accept": {"now": 0, "method": "GET", "headers": [], "principal": "p"},
    "chunk": {"now": 0, "exchange": 1, "data": b""},
    "end": {"now": 0, "exchange": 1},
    "gone": {"now": 0, "exchange": 1},
    "written": {"now": 0, "exchange": 1},
    "timeout": {"now": 0},
    "take": {"now": 0, "id": 1},
    "respond": {"now": 0, "id": 1, "answer": "{}"},
    "notify": {"now": 0, "method": "m", "params": "{}", "request": 1},
    "call": {"now": 0, "method": "m", "params": "{}", "session": 1, "safe": True, "idle": 1, "headers": ()},
    "cancel": {"now": 0, "call": 1, "reason": "r"},
    "release_connection": {"now": 0, "session": 1, "retry": 1},
    "end_session": {"now": 0, "session": 1, "reason": "idle"},
    "declare_tools": {"tools": "[]"},
    "shut_down": {"now": 0, "grace": 1},
    "shard": {"headers": []},
}
RELAY_METHODS: dict[str, dict[str, Any]] = {
    "send": {"now": 0, "message": "{}", "safe": True, "idle": 1, "max": 1, "headers": []},
    "cancel_message": {"now": 0, "id": "1"},
}


def each_argument(methods: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    return [(method, name) for method, arguments in methods.items() for name in arguments]


def check_argument(machine: Any, arguments: dict[str, Any], method: str, name: str) -> None:
    with pytest.raises(TypeError, match=rf"^{name}: .* is needed, not object"):
        getattr(machine, method)(**(arguments | {name: WRONG}))
    outputs, deadline = machine.drain()
    assert not outputs, "what is refused does nothing"
    assert deadline is None
    getattr(machine, method)(**arguments)


@pytest.mark.parametrize(("method", "name"), each_argument(CLIENT_METHODS))
def test_a_wrong_type_names_the_argument(method: str, name: str) -> None:
    check_argument(make_client(), CLIENT_METHODS[method], method, name)


@pytest.mark.parametrize(("method", "name"), each_argument(SERVER_METHODS))
def test_a_wrong_type_names_the_argument_of_a_server(method: str, name: str) -> None:
    check_argument(Server(Identity("misuse", "1")), SERVER_METHODS[method], method, name)


@pytest.mark.parametrize(("method", "name"), each_argument(RELAY_METHODS))
def test_a_wrong_type_names_the_argument_of_a_relay(method: str, name: str) -> None:
    check_argument(Client(URL, relay=True), RELAY_METHODS[method], method, name)


def test_every_method_is_tried() -> None:
    views = {"deadline", "records", "known", "inspect", "drain"}
    for machine, tried in ((Client, {*CLIENT_METHODS, *RELAY_METHODS}), (Server, {*SERVER_METHODS, "send"})):
        public = {name for name in vars(machine) if not name.startswith("_")}
        assert public - views == tried - views


@pytest.mark.parametrize(
    ("headers", "what"),
    [
        (7, "an iterable of pairs"),
        ([7], "a pair"),
        (["ab"], "a pair"),
        ([(b"a",)], "not 1 items"),
        ([(b"a", b"b", b"c")], "not 3 items"),
        ([(b"a", 7)], "bytes or str"),
        ([(None, b"b")], "bytes or str"),
        ([("a", "\ud800")], "surrogate"),
        ({"a": "b"}, "a pair"),
    ],
)
def test_wrong_headers_say_what_is_wrong(headers: Any, what: str) -> None:
    with pytest.raises(TypeError, match=rf"^headers: .*{what}"):
        make_client().head(0, 1, 200, headers)


def test_an_iterator_of_headers_that_fails_fails_as_itself() -> None:
    def lines() -> Any:
        yield (b"a", b"b")
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        make_client().head(0, 1, 200, lines())


SURROGATES: list[Callable[[Client], object]] = [
    lambda machine: machine.call(0, "\ud800"),
    lambda machine: machine.call(0, "m", '{"a":"\udfff"}'),
    lambda machine: machine.respond(0, 1, "\ud800"),
    lambda machine: machine.cancel(0, 1, "\ud800"),
    lambda machine: machine.failed(0, 1, "\ud800"),
]


@pytest.mark.parametrize("misuse", SURROGATES)
def test_a_lone_surrogate_is_refused_with_a_sentence(misuse: Callable[[Client], object]) -> None:
    with pytest.raises(TypeError, match="lone surrogate"):
        misuse(make_client())


@pytest.mark.parametrize("handle", [-1, 0, 2**53, 2**63, 2**64, 10**100, -(10**100), True])
def test_a_handle_that_is_none_is_ignored(handle: int) -> None:
    machine, web = make_client(), Server(Identity("misuse", "1"))
    machine.cancel(0, handle)
    machine.respond(0, handle, "{}")
    machine.unlisten(0, handle)
    assert not machine.head(0, handle, 200, [])
    assert not machine.chunk(0, handle, b"data")
    assert not machine.end(0, handle)
    assert not machine.failed(0, handle, "gone")
    assert not web.gone(0, handle)
    assert not web.take(0, handle)
    web.respond(0, handle, "{}")
    web.end_session(0, handle, "idle")
    for outputs, deadline in (machine.drain(), web.drain()):
        assert all(isinstance(output, client.Notice) for output in outputs)
        assert deadline is None


@pytest.mark.parametrize("now", [math.nan, -1.0, -math.inf, -(10**400)])
def test_a_time_that_is_none_is_zero(now: float) -> None:
    machine = make_client()
    machine.call(now, "ping", max=5)
    machine.drain()
    assert machine.inspect().calls[0].deadline == 5.0


@pytest.mark.parametrize("now", [1e300, math.inf, 10**400])
def test_a_time_beyond_all_is_the_last(now: float) -> None:
    machine = make_client()
    call = machine.call(0, "ping")
    machine.timeout(now)
    assert failures(machine.drain()[0]) == {call: "timed_out"}


def test_time_never_goes_back() -> None:
    machine = make_client()
    machine.call(100, "ping", max=5)
    machine.call(1, "ping", max=5)
    assert [call.deadline for call in machine.inspect().calls] == [105.0, 105.0]


@pytest.mark.parametrize(
    ("seconds", "deadline"),
    [(math.nan, 0.0), (-5, 0.0), (0, 0.0), (0.5, 0.5), (math.inf, 100 * 365 * 86400), (10**400, 100 * 365 * 86400)],
)
def test_a_wait_is_never_negative_and_never_longer_than_clocks_count(seconds: float, deadline: float) -> None:
    machine = make_client()
    machine.call(0, "ping", max=seconds, idle=seconds)
    assert machine.inspect().calls[0].deadline == deadline


@pytest.mark.parametrize("status", [-1, 0, 99, 65536, 10**30])
def test_a_status_that_is_none_settles_the_call(status: int) -> None:
    machine = Client(URL, Identity("misuse", "1"), versions=("2025-11-25", "2025-11-25"))
    call = machine.call(0, "tools/call", '{"name":"a"}')
    (opened,) = [output for output in machine.drain()[0] if isinstance(output, client.Open)]
    machine.head(0, opened.exchange, status, [])
    machine.end(0, opened.exchange)
    settled = [output for output in machine.drain()[0] if isinstance(output, Settled)]
    assert [output.call for output in settled] == [call]
    assert isinstance(settled[0].outcome, Failure)


@pytest.mark.parametrize(
    ("params", "method"),
    [("no JSON", "m"), ("[1]", "m"), (b"\xff", "m"), ("1", "m"), ('{"a":1', "m"), ("{}", "initialize")],
)
def test_a_call_that_cannot_be_made_settles_as_misuse(params: str | bytes, method: str) -> None:
    machine = make_client()
    call = machine.call(0, method, params)
    (settled,) = machine.drain()[0]
    assert isinstance(settled, Settled)
    assert settled.call == call
    assert isinstance(settled.outcome, Failure)
    assert (settled.outcome.kind, settled.outcome.execution) == ("misuse", "not_sent")


def test_what_is_nested_too_deep_is_no_crash() -> None:
    deep = "[" * 1_000_000
    machine = connected()
    call = machine.call(0, "m", '{"a":' + deep)
    assert failures(machine.drain()[0]) == {call: "misuse"}
    call = machine.call(0, "tools/call", '{"name":"a"}')
    exchange = opened(machine).exchange
    machine.head(0, exchange, 200, [("content-type", "application/json")])
    machine.chunk(0, exchange, f'{{"jsonrpc":"2.0","id":2,"result":{deep}'.encode())
    machine.end(0, exchange)
    assert failures(machine.drain()[0]) == {call: "bad_answer"}
    web = Server(Identity("misuse", "1"))
    exchange = web.accept(0, "POST", [("host", "localhost"), ("content-type", "application/json")])
    web.chunk(0, exchange, f'{{"jsonrpc":"2.0","id":2,"method":"m","params":{deep}'.encode())
    web.end(0, exchange)
    (head,) = web.drain()[0]
    assert isinstance(head, server.Head)
    assert head.status == 400


def test_calls_after_close_settle_as_closed() -> None:
    machine = make_client()
    machine.close(0)
    machine.drain()
    calls = [machine.connect(1), machine.call(1, "ping")]
    listen = machine.listen(1, "{}")
    machine.notify(1, "notifications/x")
    outputs, deadline = machine.drain()
    assert failures(outputs) == dict.fromkeys(calls, "closed")
    assert [output.listen for output in outputs if isinstance(output, client.ListenEnded)] == [listen]
    assert deadline is None


def test_requests_after_shut_down_are_refused() -> None:
    machine = Server(Identity("misuse", "1"))
    machine.shut_down(0, 0)
    outputs, deadline = machine.drain()
    assert [type(output) for output in outputs] == [server.ShutDown]
    assert deadline is None
    exchange = machine.accept(1, "POST", [(b"host", b"localhost")])
    (head,) = machine.drain()[0]
    assert isinstance(head, server.Head)
    assert (head.exchange, head.status) == (exchange, 503)


def test_a_server_asks_one_client() -> None:
    machine = Server(Identity("misuse", "1"))
    with pytest.raises(TypeError, match="request and session: give one"):
        machine.notify(0, "m", request=1, session=2)
    call = machine.call(0, "roots/list")
    (settled,) = machine.drain()[0]
    assert isinstance(settled, Settled)
    assert settled.call == call
    assert isinstance(settled.outcome, Failure)


def test_what_only_a_relay_has() -> None:
    with pytest.raises(TypeError, match="relay=True"):
        make_client().send(0, "{}")
    with pytest.raises(TypeError, match="relay=True"):
        make_client().cancel_message(0, "1")
    with pytest.raises(TypeError, match="relay=True"):
        Server(Identity("misuse", "1")).send(0, "{}")
    with pytest.raises(ConfigError, match="identity"):
        Client(URL, Identity("misuse", "1"), relay=True)


@pytest.mark.parametrize("code", [2**63, -(2**63) - 1])
def test_an_error_code_has_64_bits(code: int) -> None:
    assert RpcError(2**63 - 1, "m").code == 2**63 - 1
    with pytest.raises(TypeError, match="code: an int of at most 64 bits"):
        RpcError(code, "m")


def test_data_is_frozen_and_compared_by_its_fields() -> None:
    error = RpcError(-32601, "no such method", '{"a":1}')
    assert error == RpcError(-32601, "no such method", b'{"a":1}')
    assert error != RpcError(-32601, "no such method")
    assert hash(error) == hash(RpcError(-32601, "no such method", '{"a":1}'))
    assert eval(repr(error), {"RpcError": RpcError}) == error
    assert str(error) == "no such method (error -32601)"
    with pytest.raises(AttributeError):
        error.code = 1  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(TypeError):
        Settled(1, "{}")  # pyright: ignore[reportCallIssue]


def test_another_thread_may_use_it() -> None:
    wire = Wire()
    calls: list[int] = []
    thread = threading.Thread(target=lambda: calls.append(wire.client.call(0, "tools/list")))
    thread.start()
    thread.join()
    wire.carry(0)
    settled = [output for output in wire.of_client if isinstance(output, Settled)]
    assert [output.call for output in settled] == calls


def test_an_error_loses_nothing() -> None:
    wire = Wire()
    call = wire.client.call(0, "tools/call", '{"name":"a"}')
    misuses: list[Callable[[], object]] = [
        lambda: wire.client.call(0, WRONG),
        lambda: wire.client.head(0, 2, WRONG, []),
        lambda: wire.client.drain(WRONG),
        lambda: wire.server.accept(0, "POST", WRONG),
    ]
    for misuse in misuses:
        with pytest.raises(TypeError):
            misuse()
        assert [owed.id for owed in wire.client.inspect().calls] == [call]
    wire.carry(0)
    settled = [output for output in wire.of_client if isinstance(output, Settled)]
    assert [(output.call, type(output.outcome)) for output in settled] == [(call, str)]
