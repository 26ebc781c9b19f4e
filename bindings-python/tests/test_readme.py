"""The README is true: its programs run and print what it says, and the defaults in its tables are the machines'."""

import ast
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from mcp_sansio import Client, Identity, Server, sync

README = Path(__file__).parents[1] / "README.md"
#: The Python of an environment that has what the README says to install, and nothing else.
PYTHON = os.environ.get("MCP_SANSIO_README_PYTHON", sys.executable)
LONGEST = 60


class Program(NamedTuple):
    """A program of the README, and what it prints according to it."""

    heading: str
    code: str
    printed: str | None

    @property
    def file(self) -> str | None:
        """The name of the file that it is, if it has one: a server."""
        first = self.code.partition("\n")[0]
        return first.removeprefix("# ") if first.startswith("# ") else None


def programs() -> list[Program]:
    """All of them, with the text that stands behind each."""
    text = README.read_text()
    block = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
    return [
        Program(re.findall(r"^## (.*)", text[: found.start()], re.MULTILINE)[-1], found[1], found[2])
        for found in block.finditer(text)
    ]


SCRIPTS = [program for program in programs() if program.file is None]
SERVERS = {program.file: program.code for program in programs() if program.file is not None}


@contextmanager
def serving(folder: Path, file: str) -> Generator[int]:
    """The server of a file, under uvicorn as the README says; gives its port."""
    (folder / file).write_text(SERVERS[file])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [PYTHON, "-m", "uvicorn", f"{Path(file).stem}:app", "--fd", str(listener.fileno())]
        server = subprocess.Popen(command, cwd=folder, pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL)
        try:
            yield listener.getsockname()[1]
        finally:
            server.kill()
            server.wait()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(tmp_path_factory.mktemp("readme"), "server.py") as port:
        yield port


@pytest.mark.parametrize("program", SCRIPTS, ids=lambda program: program.heading)
def test_a_program_prints_what_the_readme_says(program: Program, port: int, tmp_path: Path) -> None:
    code = re.sub(r"\b8000\b", str(port), program.code)
    assert code != program.code, "it calls no server"
    command = [PYTHON, "-W", "error", "-c", code]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=LONGEST, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert program.printed is not None, "the README does not say what it prints"
    assert timeless(ran.stdout) == timeless(program.printed)


def timeless(text: str) -> str:
    """A text without the times in it, which differ from run to run."""
    return re.sub(r"\+[\d.]+ m?s", "+0 ms", text)


def test_a_server_of_the_sdk_is_served(tmp_path: Path) -> None:
    with (
        serving(tmp_path, "sdk_server.py") as port,
        sync.connect(f"http://127.0.0.1:{port}/mcp") as client,
    ):
        assert client.call_tool("add", {"a": 1, "b": 2})["content"][0]["text"] == "3"


def rows() -> list[tuple[str, str, object]]:
    """The settings in the tables: of which machine, the name, the default."""
    found: list[tuple[str, str, object]] = []
    machine = ""
    for line in README.read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) != 3 or set(cells[0]) == {"-"}:
            continue
        if cells[1] == "default":
            machine = cells[0]
        elif machine:
            default = ast.literal_eval(cells[1].strip("`"))
            found.extend((machine, name, default) for name in re.findall(r"`([^`]+)`", cells[0]))
    return found


def defaults(machine: str) -> dict[str, Any]:
    """All settings as a record of the machine has them, with times in seconds."""
    identity = Identity("tests", "1")
    client, server = Client("http://server.test/mcp", identity, recording="whole"), Server(identity, recording="whole")
    of = {"client": client, "server": server}[machine]
    of.timeout(1.0)
    settings = json.loads(of.records()[0])["config"]
    timing: dict[str, Any] = settings["timing"]
    settings["timing"] = {name: of_time(value) for name, value in timing.items()}
    return settings


def of_time(milliseconds: Any) -> object:
    return milliseconds / 1000 if isinstance(milliseconds, int | float) else milliseconds


@pytest.mark.parametrize(("machine", "name", "default"), rows())
def test_a_default_is_the_machines(machine: str, name: str, default: object) -> None:
    value: Any = defaults(machine)
    for part in name.split("."):
        value = value[part]
    # As JSON: there a pair is a list.
    assert value == json.loads(json.dumps(default))


def test_there_are_programs_and_settings() -> None:
    assert len(SCRIPTS) == 6
    assert set(SERVERS) == {"server.py", "sdk_server.py"}
    assert {machine for machine, _, _ in rows()} == {"client", "server"}
