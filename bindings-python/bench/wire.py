"""The call that everybody makes, and how it looks on the wire without any MCP library."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

#: A text of 64 characters goes to the tool `echo` and comes back.
ARGUMENTS = {"text": "0123456789abcdef" * 4}
#: As both clients take it.
PARAMS: dict[str, Any] = {"name": "echo", "arguments": ARGUMENTS}

MODERN, LEGACY = "2026-07-28", "2025-11-25"
_ACCEPT = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
_META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def headers_of(era: str, url: str) -> dict[str, str]:
    """The headers of the call. In the legacy era a session is begun for it."""
    if era == "modern":
        return {**_ACCEPT, "mcp-protocol-version": MODERN, "mcp-method": "tools/call", "mcp-name": "echo"}
    params = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}
    session = _post(url, {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}, _ACCEPT)
    headers = {**_ACCEPT, "mcp-protocol-version": LEGACY, "mcp-session-id": session or ""}
    _post(url, {"jsonrpc": "2.0", "method": "notifications/initialized"}, headers)
    return headers


def body_of(era: str) -> bytes:
    """The body of the call."""
    params = {**PARAMS, "_meta": _META} if era == "modern" else PARAMS
    return json.dumps({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}).encode()


def _post(url: str, message: dict[str, object], headers: dict[str, str]) -> str | None:
    """Posts a message, and gives the session that the answer names."""
    server = http.client.HTTPConnection(urlsplit(url).netloc)
    server.request("POST", urlsplit(url).path, json.dumps(message), headers)
    response = server.getresponse()
    response.read()
    server.close()
    return response.getheader("mcp-session-id")
