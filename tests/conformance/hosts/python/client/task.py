"""What the suite asks for: by its environment, and the server's URL as the last argument."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp_sansio import Version

#: What to speak at each revision that is played: those of its era, up to it. Which era it is need not be found out.
VERSIONS: dict[str, tuple[Version, Version]] = {
    "2025-11-25": ("2024-11-05", "2025-11-25"),
    "2026-07-28": ("2026-07-28", "2026-07-28"),
}


@dataclass(frozen=True)
class Task:
    """One scenario to be played against one server."""

    url: str
    scenario: str
    versions: tuple[Version, Version]
    #: What the scenario has to tell: credentials, or calls to make.
    context: dict[str, Any]

    @classmethod
    def from_environment(cls) -> Task:
        """Read it. ValueError says what is missing."""
        try:
            scenario = os.environ["MCP_CONFORMANCE_SCENARIO"]
            revision = os.environ["MCP_CONFORMANCE_PROTOCOL_VERSION"]
        except KeyError as error:
            raise ValueError(f"{error} is not set; the conformance suite sets it") from error
        if revision not in VERSIONS:
            raise ValueError(f"{revision} is no revision that this client plays: add it to {__file__}")
        _, *arguments = sys.argv
        if not arguments:
            raise ValueError("the server's URL is missing: it is the last argument")
        context = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))
        return cls(arguments[-1], scenario, VERSIONS[revision], context)
