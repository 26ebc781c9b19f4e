"""Where the time of a profile went: to which part of the program, in percent."""

from __future__ import annotations

import pstats
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import cProfile

#: What cProfile knows of a function: its file, its line, its name.
Function: TypeAlias = tuple[str, int, str]

#: The parts, and what their functions are called or where they stand; the first that fits counts.
PARTS = {
    "machine": r"_native\b|'mcp_sansio\.|builtins\.(Client|Server)'",
    "our driver": r"/mcp_sansio/",
    "SDK": r"/site-packages/(mcp|mcp_types|pydantic|pydantic_core|opentelemetry|jsonschema)/|pydantic_core",
    "HTTP library": r"/site-packages/(aiohttp|yarl|multidict|frozenlist|propcache|httpx2|httpcore2|h11|httptools)/"
    r"|/site-packages/(uvicorn|starlette|sse_starlette)/|httptools|_http_parser|aiohttp\.",
    "sockets": r"_socket\.|select\.|\bsocket\b.*(send|recv)",
    "event loop": r"/(asyncio|selectors\.py|site-packages/anyio|concurrent|threading\.py|queue\.py)|_asyncio|uvloop",
    "JSON": r"/json/|_json\.",
}


def split(profile: cProfile.Profile) -> dict[str, float]:
    """Percent of the time by part. What is written in C, and belongs to no part, counts to its callers."""
    stats: Any = pstats.Stats(profile)
    spent: Counter[str] = Counter()
    for function, (_, _, own, _, callers) in stats.stats.items():
        part = part_of(function)
        if part is None and function[0] == "~" and callers:
            for caller, (_, _, through, _) in callers.items():
                spent[part_of(caller) or "other"] += through
        else:
            spent[part or "other"] += own
    whole = sum(spent.values())
    return {part: round(100 * seconds / whole, 1) for part, seconds in spent.most_common()}


def part_of(function: Function) -> str | None:
    """The part that a function is of, if it is of one."""
    file, _, name = function
    text = name if file == "~" else file
    return next((part for part, pattern in PARTS.items() if re.search(pattern, text)), None)
