"""A server of the tool `echo`, under uvicorn: `python servers.py NAME [--fast] [--profile]`.

It prints its URL, and for each line on its standard input the CPU seconds that its process has taken so far. When the
input ends it ends, and with `--profile` tells how the time divides. `--fast` is uvloop and httptools.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import uvicorn
from mcp.server import MCPServer
from mcp_sansio import Identity, PeerError, sdk
from mcp_sansio.asgi import App, Request
from split import split

if TYPE_CHECKING:
    from collections.abc import Callable

    Asgi = Callable[..., Any]


def ours() -> Asgi:
    """Our server."""

    async def handle(request: Request) -> dict[str, object]:
        if request.method != "tools/call":
            raise PeerError(-32601, f"{request.method} is not there")
        return {"content": [{"type": "text", "text": request.params["arguments"]["text"]}]}

    return App(Identity("bench", "1.0", capabilities={"tools": {}}), handle)


def sdk_server() -> MCPServer:
    """The official SDK's server."""
    server = MCPServer("bench", log_level="ERROR")

    @server.tool()
    def echo(text: str) -> str:  # pyright: ignore[reportUnusedFunction]
        return text

    return server


async def only_uvicorn(scope: Any, receive: Any, send: Any) -> None:
    """Nothing but the HTTP server, answering the same call."""
    if scope["type"] != "http":
        return
    body = b""
    while True:
        event = await receive()
        body += event["body"]
        if not event.get("more_body"):
            break
    call = json.loads(body)
    result = {"content": [{"type": "text", "text": call["params"]["arguments"]["text"]}]}
    answer = json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


SERVERS: dict[str, Callable[[], Asgi]] = {
    "ours": ours,
    "official": lambda: sdk_server().streamable_http_app(),
    "official, JSON only": lambda: sdk_server().streamable_http_app(json_response=True),
    "official on ours": lambda: sdk.asgi_app(sdk_server()),
    "only uvicorn": lambda: only_uvicorn,
}


def main() -> None:
    """Serve until the standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=SERVERS)
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    config = uvicorn.Config(
        SERVERS[asked.name](),
        loop="uvloop" if asked.fast else "asyncio",
        http="httptools" if asked.fast else "h11",
        log_level="error",
        access_log=False,
        lifespan="auto",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    # With the protocol named, or asyncio would leave Nagle's algorithm on, and each answer wait for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp", flush=True)

    def tell() -> None:
        for _ in sys.stdin:
            print(time.process_time(), flush=True)
        server.should_exit = True

    threading.Thread(target=tell, daemon=True).start()
    profile = cProfile.Profile()
    if asked.profile:
        profile.runcall(server.run, [listener])
        print(json.dumps(split(profile)))
    else:
        server.run([listener])


if __name__ == "__main__":
    main()
