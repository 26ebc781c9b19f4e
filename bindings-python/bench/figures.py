"""Measures all clients against one server and all servers with one client, in turns, and prints the table."""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from raw import drive

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

HERE = Path(__file__).parent
#: Calls of a measurement: one by one, and with so many at once.
CALLS = {1: 1000, 64: 3200}
ERAS = ("modern", "legacy")
CLIENTS = ("ours", "ours on httpx2", "ours blocking", "official on ours", "official", "only aiohttp", "only httpx2")
SERVERS = ("ours", "official on ours", "official", "official, JSON only", "only uvicorn")
#: What has no legacy era: it has no sessions.
MODERN_ONLY = ("only uvicorn",)
#: Whose time is divided.
PROFILED = ("ours", "official")


class Row(NamedTuple):
    """What is measured."""

    side: str
    era: str
    name: str
    at_once: int

    def __str__(self) -> str:
        return f"{self.side}/{self.era}/{self.name}/{self.at_once}"


class Bench:
    """The measurements."""

    def __init__(self, serve: str) -> None:
        self._serve = serve
        self.times: defaultdict[Row, list[float]] = defaultdict(list)

    def measure(self, row: Row) -> None:
        """Measure once."""
        self.times[row].append(self._client(row) if row.side == "client" else self._server(row))

    def split(self, row: Row) -> dict[str, float]:
        """How the time divides."""
        if row.side == "client":
            with self._peer() as url:
                return self._run(row, url, "--profile")["split"]
        with self._started(row, "--profile") as (server, url):
            asyncio.run(drive(url, row.era, CALLS[row.at_once], row.at_once, 0, lambda: 0.0))
            told, _ = server.communicate()
        return json.loads(told)

    def _client(self, row: Row) -> float:
        with self._peer() as url:
            return self._run(row, url)["microseconds"]

    def _run(self, row: Row, url: str, *options: str) -> Any:
        calls = str(CALLS[row.at_once])
        command = [sys.executable, HERE / "clients.py", row.name, row.era, url, calls, str(row.at_once), *options]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise RuntimeError(f"{row} failed: {ran.stderr}")
        return json.loads(ran.stdout)

    def _server(self, row: Row) -> float:
        calls = CALLS[row.at_once]
        with self._started(row) as (server, url):

            def spent() -> float:
                assert server.stdin is not None
                assert server.stdout is not None
                server.stdin.write("\n")
                server.stdin.flush()
                return float(server.stdout.readline())

            return 1e6 * asyncio.run(drive(url, row.era, calls, row.at_once, 200, spent)) / calls

    @contextmanager
    def _started(self, row: Row, *options: str) -> Generator[tuple[subprocess.Popen[str], str]]:
        name, _, fast = row.name.partition(" on ") if row.name.endswith("uvloop") else (row.name, "", "")
        command = [sys.executable, HERE / "servers.py", name, *(["--fast"] if fast else []), *options]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            yield server, server.stdout.readline().strip()
            if server.stdin is not None and not server.stdin.closed:
                server.stdin.close()

    @contextmanager
    def _peer(self) -> Generator[str]:
        """The server that all clients call: ours in Rust, the fastest at hand."""
        command = [self._serve, "serve", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            assert server.stdout is not None
            try:
                yield next(line for line in server.stdout if "http://" in line).split()[-1]
            finally:
                server.kill()


def rows() -> list[Row]:
    """All there is to measure."""
    clients = [Row("client", era, name, at_once) for era in ERAS for name in CLIENTS for at_once in CALLS]
    names = [f"{name}{kind}" for name in SERVERS for kind in ("", " on uvloop")]
    servers = [
        Row("server", era, name, at_once)
        for era in ERAS
        for name in names
        for at_once in CALLS
        if era == "modern" or not name.startswith(MODERN_ONLY)
    ]
    return clients + servers


def table(times: dict[Row, list[float]]) -> Iterator[str]:
    """The best of each, beside the official one."""
    best = {row: min(found) for row, found in times.items()}
    yield f"{'us of CPU for a call':38}{'one by one':>12}{'':>8}{'64 at once':>12}{'':>8}"
    for side, era, name in dict.fromkeys((row.side, row.era, row.name) for row in best):
        line = f"{side}, {era}: {name}".ljust(38)
        for at_once in CALLS:
            mine = best.get(Row(side, era, name, at_once))
            suffix = " on uvloop" if name.endswith(" on uvloop") else ""
            official = best.get(Row(side, era, f"official{suffix}", at_once))
            line += f"{mine:12.0f}" if mine is not None else " " * 12
            line += f"{mine / official:7.0%} " if mine is not None and official is not None else " " * 8
        yield line.rstrip()


def main() -> None:
    """Measure what the command line names, in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", required=True, help="the program mcp-sansio")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("only", nargs="*", help="parts of names, such as client/modern")
    asked = parser.parse_args()
    bench = Bench(asked.serve)
    chosen = [row for row in rows() if not asked.only or any(part in str(row) for part in asked.only)]
    for number in range(asked.rounds):
        for row in chosen:
            print(f"\rround {number + 1}: {row}".ljust(70), end="", file=sys.stderr, flush=True)
            bench.measure(row)
    print(file=sys.stderr)
    print("\n".join(table(bench.times)))
    for row in chosen:
        if row.name.removesuffix(" on uvloop") in PROFILED and row.at_once == 1:
            parts = ", ".join(f"{part} {percent:.0f}%" for part, percent in bench.split(row).items() if percent >= 1)
            print(f"{row.side}, {row.era}: {row.name}: {parts}")


if __name__ == "__main__":
    main()
