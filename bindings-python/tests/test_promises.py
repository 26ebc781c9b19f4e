"""What the machines promise, checked after every step of sequences that hypothesis makes up.

The Rust tests check all promises; here it is the classes that must keep what can be seen from Python. Runs are the
same each time; ``HYPOTHESIS_PROFILE=explore pytest tests/test_promises.py`` looks further, at random.
"""

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from mcp_sansio import Client, Identity, Settled, client
from promises import ClientPromises, ServerPromises
from promises.peers import INITIALIZED, JSON, SSE, message, notification
from wire import URL, connected, opened

EXPLORE = os.environ.get("HYPOTHESIS_PROFILE") == "explore"
RUNS = settings(
    max_examples=2_000 if EXPLORE else 120,
    stateful_step_count=60,
    derandomize=not EXPLORE,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
IDENTITY = Identity("promises", "1")
LEGACY: tuple[Any, Any] = ("2025-11-25", "2025-11-25")


def test_a_client_keeps_its_promises() -> None:
    run_state_machine_as_test(ClientPromises, settings=RUNS)


def test_a_server_keeps_its_promises() -> None:
    run_state_machine_as_test(ServerPromises, settings=RUNS)


def stream(request: dict[str, Any], events: list[str], end: str) -> bytes:
    """The text of a stream that says all this, and then the answer."""
    token = request["params"]["_meta"]["progressToken"]
    said = b""
    for n, event in enumerate(events):
        said += {
            "log": b"data: " + notification("message", level="info", data=words(n)),
            "progress": b"data:" + notification("progress", progressToken=token, progress=n),
            "ask": b"data: " + message(n, method="roots/list"),
            "comment": b": alive",
            "cursor": f"id: {n}{end[: len(end) // 2]}data:".encode(),
            "garbage": b"data: nothing",
        }[event] + end.encode()
    return said + b"data: " + message(request["id"], result={"content": []}) + end.encode()


def words(n: int) -> str:
    """Characters of one byte to four."""
    return f"{n} ä€𝄞"


@RUNS
@given(
    events=st.lists(st.sampled_from(["log", "comment", "ask", "progress", "cursor", "garbage"]), max_size=6),
    end=st.sampled_from(["\n\n", "\r\n\r\n", "\r\r"]),
    cuts=st.lists(st.integers(0, 2_000), max_size=40),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_any_way_of_cutting_a_body_gives_the_same(events: list[str], end: str, cuts: list[int], mark: bytes) -> None:
    seen: list[object] = []
    for places in ([], cuts):
        machine = connected()
        machine.call(0, "tools/call", '{"name":"a"}', progress=True)
        exchange = opened(machine)
        body = mark + stream(json.loads(exchange.body), events, end)
        machine.head(0, exchange.exchange, 200, [SSE])
        at = 0
        for place in [*sorted(place % (len(body) + 1) for place in places), len(body)]:
            machine.chunk(0, exchange.exchange, body[at:place])
            at = place
        machine.end(0, exchange.exchange)
        outputs, deadline = machine.drain()
        notes = [output.params for output in outputs if isinstance(output, client.Notification)]
        logged = [json.loads(params or "")["data"] for params in notes]
        assert logged == [words(n) for n, event in enumerate(events) if event == "log"], "once each, and in order"
        assert [type(output.outcome) for output in outputs if isinstance(output, Settled)] == [str]
        seen.append((outputs, deadline, machine.inspect()))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("own", [True, False])
def test_only_progress_with_its_own_token_restarts_a_calls_clock(own: bool) -> None:
    machine = connected()
    machine.call(0, "tools/call", '{"name":"a"}', idle=10, max=25)
    exchange = opened(machine)
    token = json.loads(exchange.body)["params"]["_meta"]["progressToken"] if own else "foreign"
    machine.head(0, exchange.exchange, 200, [SSE])
    step = notification("progress", progressToken=token, progress=1)
    machine.chunk(5, exchange.exchange, b"data: " + step + b"\n\n")
    machine.drain()
    assert machine.inspect().calls[0].deadline == (15.0 if own else 10.0)
    for now in (14, 23):
        machine.chunk(now, exchange.exchange, b"data: " + step + b"\n\n: alive\n\n")
        machine.timeout(now)
    machine.drain()
    deadlines = [owed.deadline for owed in machine.inspect().calls]
    assert deadlines == ([25.0] if own else []), "nothing moves the hard maximum"


@pytest.mark.parametrize("status", [None, 0, 200, 202, 401, 404, 405, 409, 429, 500, 503])
def test_a_server_cannot_make_a_client_storm(status: int | None) -> None:
    machine = Client(URL, IDENTITY, seed=bytes(32), versions=LEGACY)
    machine.connect(0)
    now, exchanges, connected = 0.0, 0, False
    while now < 3600:
        outputs, deadline = machine.drain()
        for output in outputs:
            if not isinstance(output, client.Open):
                continue
            exchanges += 1
            if b'"initialize"' in output.body:
                request, connected = json.loads(output.body), True
                headers = [JSON, (b"mcp-session-id", str(exchanges).encode())]
                machine.head(now, output.exchange, 200, headers)
                machine.chunk(now, output.exchange, message(request["id"], result=INITIALIZED))
            elif status is None:
                machine.failed(now, output.exchange, "connection reset")
            else:
                machine.head(now, output.exchange, status, [SSE])
            machine.end(now, output.exchange)
        if not outputs:
            if deadline is None:
                break
            now = max(now, deadline)
            machine.timeout(now)
    assert connected
    assert exchanges < 400
