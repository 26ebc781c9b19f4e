"""The server that the official conformance suite tests: an ASGI app under uvicorn, both eras at one endpoint.

    python server [--port PORT] [--fixture FOLDER]

What it offers and what it does is data, in `tests/conformance/fixture`; this program only reads and plays it, and
knows of no scenario. It is an example of a full server, too:

| to see how | look in |
|---|---|
| a server is set up, and a session keeps something of its own | here, `log.py` |
| requests become results | `host.py`, `completion.py` |
| progress, log messages, notifications go out | `run.py`, `call.py` |
| the client is asked, in each era | `call.py`, `asking.py`, `rounds.py` |
| a request becomes a task | `tasks.py` |
"""

import argparse
import os
import socket
from pathlib import Path

import uvicorn
from mcp_sansio import Identity
from mcp_sansio.asgi import App, Request, Session

from fixture import Fixture
from host import Host
from log import LogLevel

#: How long requests in flight may still take after Ctrl-C, in seconds.
GRACE = 1


def main() -> None:
    """Serve the fixture of the conformance suite, and print its URL."""
    parser = argparse.ArgumentParser(prog="server", description=main.__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "0")), help="0 is any free one")
    parser.add_argument("--fixture", type=Path, default=Path(__file__).parents[3] / "fixture")
    arguments = parser.parse_args()
    app = serve(Fixture(arguments.fixture))
    # With the protocol named, or asyncio would leave Nagle's algorithm on, and each answer wait for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", arguments.port))
    listener.listen()
    # A script that started this waits for the line.
    print(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp", flush=True)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=GRACE)
    uvicorn.Server(config).run([listener])


def serve(fixture: Fixture) -> App:
    """A server of what the fixture describes."""
    about = fixture.about
    identity = Identity("", "", capabilities=about.capabilities, info=about.info, instructions=about.instructions)
    host = Host(fixture)

    async def session(session: Session) -> None:
        """One session, for as long as it lives."""
        log = LogLevel()

        async def answer(request: Request) -> object:
            return await host.answer(request, log)

        await session.run(answer)

    app = App(identity, host.answer, session=session, grace=GRACE)
    # The arguments that stand in headers, too, are checked from the first call on.
    app.declare_tools([tool.listed for tool in fixture.tools])
    host.app = app
    return app


if __name__ == "__main__":
    main()
