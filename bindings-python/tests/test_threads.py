"""Many threads on one machine: each call settles exactly once, and nothing waits for ever."""

import gc
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mcp_sansio import Client, Identity, Server, Settled, client, server
from wire import URL, Wire

THREADS = 8
CALLS = 200


@pytest.fixture(params=[1e-6, 5e-3], ids=["hasty", "usual"], autouse=True)
def switching(request: pytest.FixtureRequest) -> Iterator[None]:
    """How often Python goes from thread to thread, in seconds."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(request.param)
    yield
    sys.setswitchinterval(before)


def together(*acts: Callable[[], object]) -> None:
    """Does all of it at once; what one of them raises is raised here."""
    barrier = threading.Barrier(len(acts))
    raised: list[BaseException] = []

    def do(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            act()
        except BaseException as error:  # noqa: BLE001 (it is raised again, in the thread of the test)
            raised.append(error)

    threads = [threading.Thread(target=do, args=(act,), daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive(), "a thread hangs"
    for error in raised:
        raise error


def settled(outputs: list[Any]) -> Counter[int]:
    return Counter(output.call for output in outputs if isinstance(output, Settled))


def test_calls_of_many_threads_settle_once_each() -> None:
    wire = Wire()
    made: list[int] = []
    done = threading.Event()

    def call() -> None:
        made.extend(wire.client.call(0, "tools/call", f'{{"name":"{n}"}}') for n in range(CALLS))

    def carry() -> None:
        while not done.is_set() or wire.client.inspect().calls:
            wire.carry(0)

    carrier = threading.Thread(target=carry, daemon=True)
    carrier.start()
    together(*[call] * THREADS)
    done.set()
    carrier.join(timeout=120)
    assert not carrier.is_alive()
    assert settled(wire.of_client) == Counter(made)
    assert len(set(made)) == len(made) == THREADS * CALLS
    assert {type(output.outcome) for output in wire.of_client if isinstance(output, Settled)} == {str}


def test_all_methods_of_a_client_at_once() -> None:
    machine = Client(URL, Identity("threads", "1"), versions=("2025-11-25", "2025-11-25"))
    made: list[int] = []
    came: list[client.Output] = []

    def call() -> None:
        for n in range(CALLS):
            call = machine.call(n, "tools/call", '{"name":"a"}')
            made.append(call)
            if n % 3 == 0:
                machine.cancel(n, call)

    def drain() -> None:
        for n in range(CALLS):
            outputs, _ = machine.drain(room=n % 2 == 0)
            came.extend(outputs)

    def drive() -> None:
        for n in range(CALLS):
            machine.head(n, n, 200, [(b"content-type", b"application/json")])
            machine.chunk(n, n, b'{"jsonrpc":"2.0","id":1,"result":{}}')
            machine.end(n, n)
            machine.failed(n, n + 1, "gone")
            machine.timeout(n)

    def look() -> None:
        for _ in range(CALLS):
            assert machine.inspect().bytes >= 0
            machine.known()
            machine.records()
            machine.deadline()

    together(call, call, drain, drain, drive, drive, look, look)
    machine.close(CALLS)
    came.extend(machine.drain()[0])
    assert settled(came) == Counter(made)
    assert machine.inspect().calls == []


def test_all_methods_of_a_server_at_once() -> None:
    machine = Server(Identity("threads", "1"), versions=("2026-07-28", "2026-07-28"))
    accepted: list[int] = []
    came: list[server.Output] = []
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"accept", b"*/*")]

    def accept() -> None:
        for _ in range(CALLS):
            exchange = machine.accept(0, "POST", headers)
            accepted.append(exchange)
            machine.chunk(0, exchange, b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}')
            machine.end(0, exchange)

    def serve() -> None:
        for _ in range(CALLS):
            outputs, _ = machine.drain()
            came.extend(outputs)
            for output in outputs:
                if isinstance(output, server.Request) and machine.take(0, output.id):
                    machine.respond(0, output.id, '{"tools":[]}')

    together(*[accept] * 4, *[serve] * 4)
    serve()
    heads = Counter(output.exchange for output in came if isinstance(output, server.Head))
    assert heads == Counter(accepted)


def test_no_code_of_python_runs_under_the_lock() -> None:
    machine = Client(URL, Identity("threads", "1"))

    class Sly:
        """Uses the machine while the machine reads it."""

        def __index__(self) -> int:
            machine.drain()
            return 2

        def __float__(self) -> float:
            machine.call(0, "ping")
            return 0.0

    def headers() -> Iterator[tuple[bytes, bytes]]:
        machine.inspect()
        yield b"content-type", b"text/html"

    def collected(_phase: str, _info: dict[str, int]) -> None:
        machine.inspect()

    sly: Any = Sly()
    before = gc.get_threshold()
    gc.callbacks.append(collected)
    gc.set_threshold(1, 1, 1)
    try:
        together(
            *[lambda: [machine.head(sly, sly, sly, headers()) for _ in range(20)]] * 2,
            *[lambda: [machine.drain() for _ in range(20)]] * 2,
        )
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(collected)
    machine.close(0)
    machine.drain()
    assert machine.inspect().calls == []
