"""A plain second reading of the event streams that a server writes."""

import json
from typing import Any


def events(text: bytes) -> list[dict[str, Any]] | None:
    """The events of a chunk; None if it does not end with one."""
    body = text.decode()
    if not body.endswith("\n\n"):
        return None
    return [_event(block) for block in body.removesuffix("\n\n").split("\n\n")]


def _event(block: str) -> dict[str, Any]:
    fields: dict[str, list[str]] = {"": [], "id": [], "retry": [], "data": []}
    for line in block.split("\n"):
        name, _, value = line.partition(":")
        fields.setdefault(name, []).append(value.removeprefix(" "))
    if fields[""] and not fields["id"] and not fields["data"]:
        return {"comment": True}
    return {
        "id": fields["id"][-1] if fields["id"] else None,
        "retry": int(fields["retry"][-1]) if fields["retry"] else None,
        "data": _message("\n".join(fields["data"])) if fields["data"] else None,
    }


def _message(data: str) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data
