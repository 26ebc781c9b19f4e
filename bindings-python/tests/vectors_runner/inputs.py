"""What the inputs of both roles have in common."""

import base64
import json
from typing import Any

from mcp_sansio import RpcError


def text(given: dict[str, Any], name: str) -> str | None:
    """A payload, handed over as text: a JSON value, or a text that is perhaps no JSON."""
    if f"{name}_text" in given:
        return given[f"{name}_text"]
    return json.dumps(given[name], ensure_ascii=False, separators=(",", ":")) if name in given else None


def answer(given: dict[str, Any]) -> str | RpcError:
    """What a request is answered."""
    if "error" in given:
        error = given["error"]
        return RpcError(error["code"], error["message"], text(error, "data"))
    return text(given, "result") or ""


def options(given: dict[str, Any]) -> dict[str, Any]:
    """The options of a call: milliseconds become seconds."""
    said = dict(given.get("options", {}))
    for clock in ("idle", "max"):
        if clock in said:
            said[clock] = said[clock] / 1000
    if "headers" in said:
        said["headers"] = headers(said["headers"])
    return said


def headers(given: list[Any]) -> list[tuple[bytes, bytes]]:
    """Header lines."""
    return [(name.encode(), octets(value)) for name, value in given]


def octets(value: str | dict[str, str]) -> bytes:
    """A header's value: text, or base64."""
    return value.encode() if isinstance(value, str) else base64.b64decode(value["base64"])


def data(given: dict[str, Any]) -> bytes:
    """The bytes of a chunk."""
    return base64.b64decode(given["base64"]) if "base64" in given else given["data"].encode()
