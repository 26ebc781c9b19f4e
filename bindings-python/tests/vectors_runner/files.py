"""Vectors: reading their files."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"

FOLDER = Path(__file__).parents[3] / "tests" / "vectors"

MEMBERS_OF_HEADER = {"about", "source", "prelude", "config", "seed", "reader"}
KINDS_OF_LINES = ({"now", "input"}, {"output"}, {"room"}, {"deadline"}, {"inspect"})


@dataclass(frozen=True)
class Line:
    """A line below the header, and where it stands."""

    place: str
    value: dict[str, Any]


@dataclass(frozen=True)
class Vector:
    """A file of the folder, its prelude before it."""

    name: str
    header: dict[str, Any]
    lines: list[Line]

    @property
    def config(self) -> dict[str, Any]:
        """How the machine is set up."""
        return self.header.get("config", {})

    @property
    def seed(self) -> bytes:
        """The machine's seed."""
        return bytes.fromhex(self.header.get("seed", "00" * 32))

    @property
    def is_servers(self) -> bool:
        """It is the server's, not the client's."""
        return self.config.get("role") == "server"

    @property
    def reads_at_once(self) -> bool:
        """Each chunk that comes out is taken at once: the runner says ``written`` by itself."""
        return self.header.get("reader") == "quick"


def names_of_files() -> list[str]:
    """All vectors that there are."""
    return sorted(file.name for file in FOLDER.glob("*.jsonl"))


def load(name: str, folder: Path = FOLDER) -> Vector:
    """Reads a vector and its prelude."""
    first, *lines = _lines(folder, name)
    header = first.value
    if unknown := header.keys() - MEMBERS_OF_HEADER:
        raise ValueError(f"{first.place}: no header has {unknown}")
    if "prelude" in header:
        lines = _lines(folder, f"preludes/{header['prelude']}.jsonl") + lines
    for line in lines:
        if line.value.keys() not in KINDS_OF_LINES:
            raise ValueError(f"{line.place}: no line has the members {set(line.value)}")
    return Vector(name, header, lines)


def _lines(folder: Path, name: str) -> list[Line]:
    text = (folder / name).read_text(encoding="utf-8")
    numbered = enumerate(text.split("\n"), start=1)
    return [Line(f"{name}:{number}", json.loads(line)) for number, line in numbered if line.strip()]
