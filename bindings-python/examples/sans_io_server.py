"""A server without any framework: the server machine under the standard library's http.server.

    python examples/sans_io_server.py 8000

It has one tool, ``now``. Each HTTP request has its thread; the machine is shared, and one lock keeps its outputs in
order.
"""

import json
import queue
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mcp_sansio import Abort, Identity, RpcError, Server, server

TOOL = {"name": "now", "description": "The time of the server.", "inputSchema": {"type": "object"}}
Carried = server.Head | server.Chunk | server.End | Abort


class Loop:
    """Carries one server machine. It knows threads, and nothing of MCP."""

    def __init__(self) -> None:
        self.machine = Server(Identity("sans-io-server", "1.0", capabilities={"tools": {}}))
        self.responses: dict[int, queue.SimpleQueue[Carried]] = {}
        self.changed = threading.Condition(threading.RLock())
        self.deadline: float | None = None

    def step(self) -> None:
        """Hands what the machine says to the thread of each response. Holds the lock, and never waits."""
        outputs, self.deadline = self.machine.drain()
        for output in outputs:
            match output:
                case server.Head() | server.Chunk() | server.End() | Abort():
                    self.responses[output.exchange].put(output)
                case server.Request(id, _, _, _, method, params):
                    if self.machine.take(time.monotonic(), id):
                        self.machine.respond(time.monotonic(), id, answer(method, json.loads(params or "{}")))
                    self.step()
                case _:
                    print(output, file=sys.stderr)
        self.changed.notify()

    def keep_time(self) -> None:
        """Lets the machine know of its deadlines, for ever."""
        with self.changed:
            while True:
                self.changed.wait(None if self.deadline is None else max(self.deadline - time.monotonic(), 0))
                if self.deadline is not None and self.deadline <= time.monotonic():
                    self.machine.timeout(time.monotonic())
                    self.step()


def answer(method: str, params: dict[str, object]) -> str | RpcError:
    """The application."""
    match method, params:
        case "tools/list", _:
            return json.dumps({"resultType": "complete", "tools": [TOOL]})
        case "tools/call", {"name": "now"}:
            return json.dumps({"resultType": "complete", "content": [{"type": "text", "text": time.ctime()}]})
        case _:
            return RpcError(-32601, f"{method} is not offered")


LOOP = Loop()


class Exchange(BaseHTTPRequestHandler):
    """One HTTP request, in a thread of its own."""

    protocol_version = "HTTP/1.1"

    def do(self) -> None:
        """Tells the machine what came, and writes what it says."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        response: queue.SimpleQueue[Carried] = queue.SimpleQueue()
        with LOOP.changed:
            exchange = LOOP.machine.accept(time.monotonic(), self.command, self.headers.items())
            LOOP.responses[exchange] = response
            LOOP.machine.chunk(time.monotonic(), exchange, body)
            LOOP.machine.end(time.monotonic(), exchange)
            LOOP.step()
        try:
            while self.write(response.get()):
                with LOOP.changed:
                    LOOP.machine.written(time.monotonic(), exchange)
                    LOOP.step()
        except OSError:
            self.close_connection = True
            with LOOP.changed:
                LOOP.machine.gone(time.monotonic(), exchange)
                LOOP.step()
        with LOOP.changed:
            del LOOP.responses[exchange]

    do_POST = do_GET = do_DELETE = do  # noqa: N815 (http.server's names)

    def write(self, output: Carried) -> bool:
        """Writes a part of the response; False: it was the last."""
        match output:
            case server.Head(_, status, headers, body):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name.decode(), value.decode("latin-1"))
                if body is None:
                    self.send_header("transfer-encoding", "chunked")
                else:
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body or b"")
                return body is None
            case server.Chunk(_, data):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
                return True
            case server.End():
                self.wfile.write(b"0\r\n\r\n")
                return False
            case Abort():
                self.close_connection = True
                return False


def main(port: int) -> None:
    threading.Thread(target=LOOP.keep_time, daemon=True).start()
    with ThreadingHTTPServer(("127.0.0.1", port), Exchange) as web:
        print(f"http://127.0.0.1:{web.server_port}/mcp", flush=True)
        web.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
