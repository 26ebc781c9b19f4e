"""A server of the official SDK on this package's engine: what changes is who makes the ASGI application of it.

    python sdk_server.py 8000

`asgi_app` stands in for `server.streamable_http_app`, and takes a low-level `Server` just so.
"""

import sys

import anyio
import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp_sansio.sdk import asgi_app

server = MCPServer("counter", version="1.0")


@server.tool()
async def count(to: int, context: Context) -> str:
    """Counts, and tells how far it is."""
    for number in range(1, to + 1):
        await anyio.sleep(0.1)
        await context.report_progress(number, to, f"that was {number}")
    return f"counted to {to}"


# Requests in flight get five seconds when the server is told to end.
app = asgi_app(server, grace=5.0)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
