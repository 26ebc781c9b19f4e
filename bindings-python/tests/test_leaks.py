"""After ten thousand calls nothing of them is left: not in the machines, not in Python, not in the process."""

import gc
import json
import resource
import sys
import tracemalloc
import weakref
from collections.abc import Callable

import pytest
from mcp_sansio import Client, Failure, Identity, RpcError, Server, Settled, server
from wire import URL, Wire

CALLS = 10_000
MIB = 1 << 20


def run(wire: Wire, calls: int) -> None:
    """Makes calls, ten at a time, and forgets what comes."""
    for n in range(0, calls, 10):
        made = [wire.client.call(n, "tools/call", f'{{"name":"{n}"}}', progress=True) for _ in range(10)]
        wire.carry(n)
        settled = [output.call for output in wire.of_client if isinstance(output, Settled)]
        assert sorted(settled) == made
        wire.of_client.clear()
        wire.of_server.clear()


def answer(request: server.Request) -> str | RpcError:
    """Results and errors in turn."""
    if request.id % 2:
        return RpcError(-32000, "no", json.dumps({"why": "odd"}))
    return json.dumps({"content": [], "resultType": "complete"})


def growth(act: Callable[[int], object], times: int) -> int:
    """Bytes that Python has not given back after doing something many times. Some kilobytes are of other threads."""
    act(times // 10)
    gc.collect()
    tracemalloc.start()
    act(times // 10)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    act(times)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return after - before


@pytest.mark.parametrize("modern", [False, True], ids=["legacy", "modern"])
def test_after_ten_thousand_calls_nothing_is_owed(modern: bool) -> None:
    wire = Wire(answer, modern=modern)
    run(wire, 100)
    exchanges = len(wire.client.inspect().exchanges)
    run(wire, CALLS)
    for machine in (wire.client, wire.server):
        inspection = machine.inspect()
        assert inspection.calls == inspection.obligations == []
        assert len(inspection.exchanges) == exchanges
    # The cursor of the standalone stream may be kept.
    assert wire.client.inspect().bytes < 64
    assert wire.client.drain()[0] == wire.server.drain()[0] == []


@pytest.mark.parametrize("modern", [False, True], ids=["legacy", "modern"])
def test_python_gets_its_memory_back(modern: bool) -> None:
    wire = Wire(answer, modern=modern)
    assert growth(lambda calls: run(wire, calls), 4_000) < 64_000


def test_failures_are_given_back() -> None:
    def fail(calls: int) -> None:
        client = Client(URL, Identity("leaks", "1"))
        made = [client.call(0, "tools/call", '{"name":"a"}') for _ in range(calls)]
        client.close(0)
        outcomes = [output.outcome for output in client.drain()[0] if isinstance(output, Settled)]
        failures = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
        assert len({str(failure) + repr(failure.story.lines) for failure in failures}) == 1
        assert len(failures) == len(made)

    assert growth(fail, 2_000) < 32_000


def test_arguments_are_given_back() -> None:
    client = Client(URL, Identity("leaks", "1"))
    given = (json.dumps({"a": "b"}), b"x" * 100, [(b"content-type", b"text/html")], 123456789, 12345.678)
    params, data, headers, number, now = given

    def use() -> None:
        client.call(now, "m", params, headers=headers)
        client.head(now, number, number, headers)
        client.chunk(now, number, data)
        with pytest.raises(TypeError):
            client.chunk(now, number, params)  # pyright: ignore[reportArgumentType]

    before = [sys.getrefcount(argument) for argument in given]
    for _ in range(1_000):
        use()
    gc.collect()
    assert [sys.getrefcount(argument) for argument in given] == before


def test_machines_go_when_nobody_has_them() -> None:
    machines = [Client(URL, Identity("leaks", "1")), Server(Identity("leaks", "1"))]
    gone = [weakref.ref(machine) for machine in machines]
    machines.clear()
    assert [ref() for ref in gone] == [None, None]


def test_the_process_does_not_grow() -> None:
    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

    wire = Wire(answer)
    run(wire, 1_000)
    before = peak()
    for _ in range(3):
        run(wire, CALLS)
        for _ in range(1_000):
            Wire().carry(0)
    assert peak() - before < 64 * MIB
