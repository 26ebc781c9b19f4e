"""What peers say, for the machines under test."""

import json

from hypothesis import strategies as st

JSON = (b"content-type", b"application/json")
SSE = (b"content-type", b"text/event-stream")
INITIALIZED: dict[str, object] = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "serverInfo": {"name": "s", "version": "1"},
}
DISCOVERED: dict[str, object] = {
    "resultType": "complete",
    "supportedVersions": ["2026-07-28"],
    "capabilities": {},
}

handles = st.integers(-1, 60)
"""Handles that there may be, and some that there cannot be."""
waits = st.sampled_from([0.0, 0.001, 0.3, 5.0, 31.0, 121.0, 2000.0])
"""Seconds: about each bound there is."""
which = st.integers(0, 100)
"""One of those that there are."""


def message(id: object, **members: object) -> bytes:
    """A JSON-RPC message that has an id."""
    return json.dumps({"jsonrpc": "2.0", "id": id, **members}).encode()


def notification(method: str, **params: object) -> bytes:
    """A JSON-RPC notification."""
    text = json.dumps({"jsonrpc": "2.0", "method": f"notifications/{method}", "params": params}, ensure_ascii=False)
    return text.encode()
