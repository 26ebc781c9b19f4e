"""Each driver against the server, and a machine that many threads use: what differs most from Python to Python."""

import socket
import threading
from collections import Counter
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import uvicorn
from mcp_sansio import Client, Identity, PeerError, Settled, connect, sync
from mcp_sansio.asgi import App, Request

THREADS, CALLS = 8, 250


async def handle(request: Request) -> dict[str, object]:
    if request.method != "tools/call":
        raise PeerError(-32601, f"{request.method} is not there")
    return {"content": [{"type": "text", "text": request.params["arguments"]["text"]}]}


@contextmanager
def serving() -> Generator[str]:
    """A server in a thread of its own; gives its URL."""
    app = App(Identity("wheel", "1.0", capabilities={"tools": {}}), handle)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    # With the protocol named, or asyncio would leave Nagle's algorithm on.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.mark.anyio
async def test_a_call_on_each_event_loop(url: str) -> None:
    async with connect(url) as client:
        result = await client.call_tool("echo", {"text": "hello"})
        assert result["content"] == [{"type": "text", "text": "hello"}]
        with pytest.raises(PeerError, match="prompts/list is not there"):
            await client.request("prompts/list")


def test_a_call_without_one(url: str) -> None:
    with sync.connect(url) as client, ThreadPoolExecutor(THREADS) as threads:
        texts = [str(number) for number in range(4 * THREADS)]

        def echo(text: str) -> str:
            return client.call_tool("echo", {"text": text})["content"][0]["text"]

        assert list(threads.map(echo, texts)) == texts


def test_threads_share_a_machine() -> None:
    client = Client("http://server.test/mcp", Identity("threads", "1"))
    begin = threading.Barrier(THREADS)
    calls: list[int] = []
    settled: Counter[int] = Counter()
    lock = threading.Lock()

    def use(_thread: int) -> None:
        begin.wait()
        for number in range(CALLS):
            call = client.call(float(number), "tools/call", '{"name": "echo"}')
            if number % 2:
                client.cancel(float(number), call)
            outputs, _ = client.drain()
            with lock:
                calls.append(call)
                settled.update(output.call for output in outputs if isinstance(output, Settled))

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(use, range(THREADS)))
    client.close(float(CALLS))
    client.timeout(float(CALLS) + 3600)
    outputs, _ = client.drain()
    settled.update(output.call for output in outputs if isinstance(output, Settled))
    assert len(set(calls)) == len(calls) == THREADS * CALLS
    assert settled == Counter(calls)
