"""The examples of the server do what they say."""

from __future__ import annotations

import doctest
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from asgi_server import serving
from mcp_sansio import Identity, sync

EXAMPLES = Path(__file__).parents[1] / "examples"
ASKED = Identity("tests", "1.0", capabilities={"elicitation": {}})


def test_docstrings() -> None:
    for module in ("_app", "_request"):
        tried = doctest.testmod(import_module(f"mcp_sansio.asgi.{module}"))
        assert tried.attempted > 0
        assert tried.failed == 0


def text(result: dict[str, Any]) -> str:
    return result["content"][0]["text"]


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
def test_serve(version: Any) -> None:
    with serving("uvicorn", "serve:app", EXAMPLES) as server:
        accepted = {"action": "accept", "content": {"name": "Ada"}}
        told: list[dict[str, Any]] = []
        with sync.connect(
            server.url, identity=ASKED, versions=(version, version), on_request=lambda _: accepted
        ) as client:
            assert [tool["name"] for tool in client.list_tools()] == ["count", "greet"]
            assert text(client.call_tool("count", {"to": 3}, progress=told.append)) == "counted to 3"
            assert text(client.call_tool("greet", {})) == "Hello, Ada!"
        assert [step["progress"] for step in told] == [0, 1, 2]


def test_fastapi_mount() -> None:
    with serving("uvicorn", "fastapi_mount:app", EXAMPLES) as server:
        with sync.connect(server.url, headers={"x-user": "ada"}) as client:
            assert text(client.call_tool("remember", {"what": "tea"})) == "I will"
        assert json.loads(server.send("GET", {}, path="/notes/ada").body()) == ["tea"]


def test_sessions(capfd: pytest.CaptureFixture[str]) -> None:
    with (
        serving("uvicorn", "sessions:app", EXAMPLES) as server,
        sync.connect(server.url) as one,
        sync.connect(server.url) as other,
    ):
        one.call_tool("add", {"word": "tea"})
        assert text(one.call_tool("all", {})) == "tea"
        assert text(other.call_tool("all", {})) == ""
    assert capfd.readouterr().out.count("ended: deleted") == 2
