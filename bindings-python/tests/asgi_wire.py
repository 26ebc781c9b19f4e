"""What MCP clients put on the wire, written by hand."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

LEGACY = "2025-11-25"
MODERN = "2026-07-28"

Headers: TypeAlias = "dict[str, str]"


def request(method: str, params: dict[str, Any] | None = None, this: int = 1) -> dict[str, Any]:
    """A JSON-RPC request."""
    return {"jsonrpc": "2.0", "id": this, "method": method} | ({} if params is None else {"params": params})


def notification(method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
    """A JSON-RPC notification."""
    return {"jsonrpc": "2.0", "method": method} | ({} if params is None else {"params": params})


def initialize(version: str = LEGACY) -> dict[str, Any]:
    """The first request of a session; the client can be asked."""
    capabilities: dict[str, Any] = {"sampling": {}, "elicitation": {}}
    info = {"name": "raw", "version": "1"}
    return request("initialize", {"protocolVersion": version, "capabilities": capabilities, "clientInfo": info}, 0)


def call(name: str, this: int = 1, token: str | None = None, **arguments: object) -> dict[str, Any]:
    """A tool's call."""
    params: dict[str, Any] = {"name": name, "arguments": arguments}
    if token is not None:
        params["_meta"] = {"progressToken": token}
    return request("tools/call", params, this)


def modern(message: dict[str, Any]) -> dict[str, Any]:
    """The same request as clients of 2026-07-28 make it."""
    meta: dict[str, Any] = {
        **message.get("params", {}).get("_meta", {}),
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}, "sampling": {}},
    }
    return {**message, "params": {**message.get("params", {}), "_meta": meta}}


def post(message: dict[str, Any], session: str | None = None) -> tuple[Headers, bytes]:
    """The headers and the body of the POST that carries a message; `session` is its id on the wire."""
    headers = {
        "host": "localhost",
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
    }
    if session is not None:
        headers |= in_session(session)
    params = message.get("params", {})
    if "io.modelcontextprotocol/protocolVersion" in params.get("_meta", {}):
        headers |= {"mcp-protocol-version": MODERN, "mcp-method": message["method"]}
        if "name" in params:
            headers["mcp-name"] = params["name"]
    return headers, json.dumps(message).encode()


def in_session(session: str) -> Headers:
    """The headers of whatever belongs to a session."""
    return {"host": "localhost", "mcp-session-id": session, "mcp-protocol-version": LEGACY}


def get(session: str, cursor: str | None = None) -> Headers:
    """The headers of the GET that opens a standalone stream, or resumes a stream."""
    headers = in_session(session) | {"accept": "text/event-stream"}
    return headers | ({} if cursor is None else {"last-event-id": cursor})


class Events:
    """Reads events out of the text of a stream."""

    def __init__(self) -> None:
        self.cursor: str | None = None
        self._rest = ""

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """The messages that are whole with these bytes. Comments and events without data are passed over."""
        *events, self._rest = (self._rest + data.decode()).split("\n\n")
        messages: list[dict[str, Any]] = []
        for event in events:
            fields = dict(line.split(":", 1) for line in event.splitlines() if not line.startswith(":"))
            self.cursor = fields.get("id", self.cursor or "").strip() or None
            if text := fields.get("data", "").strip():
                messages.append(json.loads(text))
        return messages
