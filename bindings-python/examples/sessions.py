"""A server that sets something up for each session, and takes it down when the session ends.

    uvicorn sessions:app --port 8000

Sessions are of the revisions up to 2025-11-25. Clients that know newer ones, too, find that out.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from typing import Any

from mcp_sansio import Identity, PeerError
from mcp_sansio.asgi import App, Request, Session


async def host(session: Session) -> None:
    """Lives as long as its session does."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE words (word TEXT)")
        reason = await session.run(partial(handle, database))
    print(f"the session of {session.params['clientInfo']['name']} ended: {reason}", flush=True)


async def handle(database: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """What one client has stored, no other finds."""
    if request.method == "tools/list":
        return {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in ("add", "all")]}
    if request.method != "tools/call":
        raise PeerError(-32601, f"{request.method} is not there")
    if request.params["name"] == "add":
        database.execute("INSERT INTO words VALUES (?)", (request.params["arguments"]["word"],))
    words = [word for (word,) in database.execute("SELECT word FROM words")]
    return {"content": [{"type": "text", "text": " ".join(words)}]}


app = App(Identity("sessions", "1.0", capabilities={"tools": {}}), session=host)
