"""The program `mcp-sansio` as a peer: its servers that behave and misbehave, and its reading of records."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

ROOT = Path(__file__).parents[2]

PATIENCE = 30.0
"""Seconds after which something never comes."""


@cache
def program() -> str:
    """Where the program is: as `MCP_SANSIO_PROGRAM` says, or built from this repository."""
    given = os.environ.get("MCP_SANSIO_PROGRAM")
    if given is not None:
        return given
    subprocess.run(["cargo", "build", "--quiet", "-p", "mcp-sansio-cli"], cwd=ROOT, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
    return str(Path(target) / "debug" / "mcp-sansio")


class Peer:
    """A server of the program, running: `Peer("serve")`, `Peer("misbehave", "silent-stream")`."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [program(), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        self._seen: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.kill()
        self._reader.join()
        self._process.communicate()

    def asked(self, what: str, times: int) -> None:
        """The server must have been asked exactly this so often, such as `POST tools/call echo`."""
        self._saw(f"] <- {what}", times, str.endswith)

    def saw(self, part: str, times: int) -> None:
        """So many of the server's observations must contain this."""
        self._saw(part, times, str.__contains__)

    def until(self, part: str) -> None:
        """Waits until the server has observed this."""
        self._until(part, 1, str.__contains__)

    def count(self, part: str) -> int:
        """How many of the server's observations contain this, up to now."""
        return sum(part in line for line in self._seen)

    def _saw(self, part: str, times: int, is_it: Callable[[str, str], bool]) -> None:
        self._until(part, times, is_it)
        assert sum(is_it(line, part) for line in self._seen) == times, f"{part!r} in {self._seen}"

    def _until(self, part: str, times: int, is_it: Callable[[str, str], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while sum(is_it(line, part) for line in self._seen) < times:
            assert time.monotonic() < until, f"{part!r} came less than {times} times; the server saw {self._seen}"
            time.sleep(0.005)

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._seen.append(line.rstrip("\n"))
