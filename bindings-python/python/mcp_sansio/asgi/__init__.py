"""An MCP server as an ASGI application, in which every request gets an answer, or an error that says why not.

`App` is mounted wherever ASGI applications are: bare under uvicorn, granian or hypercorn, or as a part of a Starlette
or FastAPI application. `initialize`, `ping`, `server/discover` and `subscriptions/listen` are answered for the
application, and the protocol's rules about sessions, streams and headers are kept for it. Whether a response is JSON or
a stream follows from what its handler does. The same endpoint and the same handler serve clients with sessions (up to
2025-11-25) and without (since 2026-07-28).

When it runs. Under an HTTP server of its own it lives as long as the lifespan says. A part of another application has
none, so it runs within `async with app.running():` in the lifespan of the whole, or, on asyncio, from its first request
on.

When it ends. HTTP servers end an application when its last response has ended, which a standing stream never does. So
the application notices the signal that ends the process (SIGINT, SIGTERM) when the HTTP server does: streams end, new
requests get 503, and those in flight get `grace` seconds. Whoever handled the signal still does. Under hypercorn that
needs `--workers 0`: else its workers get no signal, and cut all off after its own `graceful_timeout`.

When the application fails:

| what happens | its client | the log of `mcp_sansio.asgi` |
|---|---|---|
| a request's handler raises | -32603, without the exception's text | an error with the exception |
| it raises `PeerError` | that error | nothing |
| what it returns cannot be written as JSON | -32603 | an error |
| a request of a session is dropped without an answer | -32603 | an error |
| a session's handler never reads | 500 and -32603, after `timing.take` (30 s) | an error with the remedy |
| it returns or raises too early | the session ends, requests in flight get an error | an error |

When a client loses interest. A handler is cancelled when nobody waits for its answer any more: because the client
cancels, its session ends, or, where there is no session, it is not connected any more. One with a session may come back
for the answer. With `cancel_withdrawn=False` the handler goes on, and can learn it from `Request.cancelled`.

When a client does not read. It is cut off after `timing.stall` (60 s), and nobody else notices it; the HTTP server logs
a `CutOff` and closes the connection. What an HTTP server has taken counts as written, though.

Threads. `notify`, `progress`, `respond`, `notify_all` and all else that does not wait may be called from any thread.

What the host sees to: which path it is, TLS, CORS, and who asks (`principal`). Only loopback's names are served until
`hosts=` says otherwise. Responses must not be compressed on their way, or streams stand still.
"""

from ._app import App
from ._desk import Event, RequestHandler, SessionHandler
from ._exchange import CutOff
from ._request import Request
from ._session import Session
from ._types import Message, Receive, Scope, Send

__all__ = [
    "App",
    "CutOff",
    "Event",
    "Message",
    "Receive",
    "Request",
    "RequestHandler",
    "Scope",
    "Send",
    "Session",
    "SessionHandler",
]
