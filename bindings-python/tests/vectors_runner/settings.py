"""The ``config`` of a vector's header, as the constructors take it."""

import json
from collections.abc import Mapping
from typing import Any

from mcp_sansio import Identity, Known


def identity(handshake: Any) -> Identity | None:
    """Who speaks the handshake: the machine, with an identity, or the host."""
    match handshake:
        case None:
            return Identity("vector", "1")
        case "host":
            return None
        case {"name": name, "version": version, **rest}:
            return Identity(name, version, **rest)
        case {"info": info, "capabilities": capabilities, **rest}:
            # The whole of it stands in `info`.
            whole = json.dumps(info)
            return Identity("", "", info=whole, capabilities=capabilities, **rest)
        case _:
            raise ValueError(f"handshake: {handshake}")


def settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings: milliseconds become seconds, and the revisions are those of the legacy era unless named."""
    given = {name: value for name, value in config.items() if name not in {"role", "url", "handshake"}}
    given["versions"] = tuple(given.get("versions", ("2024-11-05", "2025-11-25")))
    if "timing" in given:
        given["timing"] = {name: _seconds(value) for name, value in given["timing"].items()}
    if "known" in given:
        known = dict(given["known"])
        if "result" in known:
            known["result"] = json.dumps(known["result"])
        given["known"] = Known(**known)
    return given


def _seconds(millis: list[float] | float | None) -> tuple[float, ...] | float | None:
    if isinstance(millis, list):
        return tuple(bound / 1000 for bound in millis)
    return None if millis is None else millis / 1000
