"""What this client answers when the server asks, whether in a session or in the answer to a call."""

from typing import Any

from mcp_sansio import PeerError, ServerRequest

import schema

#: What the server may ask.
CAPABILITIES: dict[str, object] = {"elicitation": {}, "roots": {}, "sampling": {}}


async def answer(request: ServerRequest) -> dict[str, Any]:
    """Answer a request of the server."""
    match request.method:
        case "elicitation/create":
            # What a user says who changes nothing in the form, and only ticks the boxes.
            asked = (request.params or {}).get("requestedSchema", {})
            return {"action": "accept", "content": schema.example(asked)}
        case "roots/list":
            return {"roots": [{"uri": "file:///project", "name": "project"}]}
        case "sampling/createMessage":
            return {
                "role": "assistant",
                "content": {"type": "text", "text": "An answer of the model."},
                "model": "no-model",
                "stopReason": "endTurn",
            }
        case method:
            raise PeerError(-32601, f"{method} is not supported")
