"""Each example of the clients runs, and says what it promises."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import anyio
import mcp_sansio
import mcp_sansio.sync
import pytest
from client_program import Peer
from client_server import serve

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("blocking", ["hello"]),
        ("call", ["echo", "hello"]),
        ("changes", ["the server listens to {'toolsListChanged': True}", "tools/list_changed - list again: "]),
        ("progress", ["1 of 3", "3 of 3", "done"]),
        ("questions", ["the server asks: what is the answer?", "forty-two"]),
        ("story", ["it may have run: the call timed out", "POST"]),
    ],
)
def test_example(name: str, said: list[str]) -> None:
    with Peer("serve") as peer:
        command = [sys.executable, "-X", "dev", "-W", "error", str(EXAMPLES / f"{name}.py"), peer.url]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    for part in said:
        assert part in ran.stdout


@pytest.mark.parametrize("documented", [mcp_sansio.PeerError, mcp_sansio.connect, mcp_sansio.sync])
def test_examples_of_the_docs(documented: object) -> None:
    with serve() as server:
        known = {"anyio": anyio, "mcp_sansio": mcp_sansio, "PeerError": mcp_sansio.PeerError, "url": server.url}
        (example,) = doctest.DocTestFinder(recurse=False).find(documented, "docs", False, globs=known)
        assert example.examples
        assert doctest.DocTestRunner().run(example).failed == 0
